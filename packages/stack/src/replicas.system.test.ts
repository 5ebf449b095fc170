import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakePlatform, type FakePlatform } from './fake-platform.test-support.ts';
import { createStack, type Stack, type StackEvent, type StackOptions } from './index.ts';
import { readState } from './state-file.ts';
import { createManualTimers } from './timers.test-support.ts';

let platform: FakePlatform;
let stack: Stack | undefined;
const messages: string[] = [];
const WAIT = { timeout: 60_000, interval: 10 };

beforeEach(() => {
  platform = createFakePlatform();
});

afterEach(async () => {
  stack?.kill();
  await stack?.stop();
  stack = undefined;
  messages.length = 0;
  platform.remove();
});

function createTestStack(options: Partial<StackOptions>): Stack {
  const { rootDirectory, env } = platform;
  const onEvent = ({ message }: StackEvent) => void messages.push(message);
  stack = createStack({ topology: 'services', rootDirectory, env, onEvent, ...options });
  return stack;
}

const processes = () => readState(platform.dataDirectory)?.processes ?? [];
const urlsOf = (service: string) => processes().flatMap((each) => (each.service === service ? [each.url] : []));
const pids = () => processes().map(({ process }) => process?.pid);
const startedAs = (service: string) => platform.log().filter((entry) => entry.service === service && entry.event === 'started');

describe('replicas', () => {
  it('runs replicas as separate processes and passes all of their URLs to their clients', async () => {
    await createTestStack({ replicas: { model: 3, worker: 2 } }).start();
    expect(processes().map(({ title }) => title)).toEqual([
      ...['model service 1', 'model service 2', 'model service 3'],
      ...['worker 1', 'worker 2', 'gateway'],
    ]);
    expect(new Set(pids()).size).toBe(6);
    expect(new Set(urlsOf('model')).size).toBe(3);
    for (const { env } of startedAs('worker')) expect(env.MODEL_SERVICE_URL).toBe(urlsOf('model').join());
    const [gateway] = startedAs('gateway');
    expect(gateway?.env).toMatchObject({
      MODEL_SERVICE_URL: urlsOf('model').join(),
      WORKER_SERVICE_URL: urlsOf('worker').join(),
    });
  });

  it('assigns the configured port to the first replica and free ports to the others', async () => {
    const MODEL_PORT = await freePort();
    await createTestStack({ replicas: { model: 2 }, env: { ...platform.env, MODEL_PORT } }).start();
    const [first, second] = urlsOf('model').map((url) => new URL(url ?? '').port);
    expect(first).toBe(MODEL_PORT);
    expect(second).not.toBe(MODEL_PORT);
    // The replicas start concurrently, so either may log its environment first.
    expect(
      startedAs('model')
        .map(({ env }) => env.MODEL_PORT)
        .sort(),
    ).toEqual(['0', MODEL_PORT].sort());
  });

  it('restarts a killed replica on its port without restarting the others', async () => {
    const timers = createManualTimers();
    await createTestStack({ replicas: { model: 2 }, timers }).start();
    const before = { urls: urlsOf('model'), pids: pids() };
    process.kill(before.pids[1] ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(messages).toEqual(['model service 2 stopped (killed by SIGKILL). Restarting in 0.3 s.']), WAIT);
    timers.fire(250);
    await vi.waitFor(() => expect(messages.at(-1)).toBe('model service 2 is ready again.'), WAIT);
    expect(urlsOf('model')).toEqual(before.urls);
    expect(pids().map((pid, index) => pid === before.pids[index])).toEqual([true, false, true, true]);
    expect(processes().map(({ restarts }) => restarts)).toEqual([0, 1, 0, 0]);
  });

  it('replaces every replica on its port after a source change', async () => {
    await createTestStack({ replicas: { model: 2 } }).start();
    const before = { urls: urlsOf('model'), pids: pids() };
    await stack?.reload();
    await vi.waitFor(() => expect(startedAs('gateway')).toHaveLength(2), WAIT);
    await vi.waitFor(() => expect(pids().some((pid) => pid === undefined || before.pids.includes(pid))).toBe(false), WAIT);
    expect(urlsOf('model')).toEqual(before.urls);
  });

  it('stops every replica after its clients', async () => {
    await createTestStack({ replicas: { model: 2 } }).start();
    await stack?.stop();
    const ends = platform.log().flatMap(({ service, event }) => (event === 'exit' ? [service] : []));
    expect(ends).toEqual(['gateway', 'worker', 'model', 'model']);
    expect(readState(platform.dataDirectory)).toBeNull();
  });

  it.each<[string, Partial<StackOptions>, NodeJS.ProcessEnv, RegExp]>([
    ['in the monolith', { topology: 'monolith', replicas: { model: 2 } }, {}, /^The monolith is one process/],
    ['of a standalone service', { only: 'model', replicas: { model: 2 } }, {}, /^A standalone service is one process/],
    ['of workers with an in-memory queue', { replicas: { worker: 2 } }, { QUEUE_TYPE: 'memory' }, /^QUEUE_TYPE is memory/],
    [
      'of a remote service',
      { replicas: { model: 2 } },
      { MODEL_SERVICE_URL: 'http://10.0.0.7:8001,http://10.0.0.8:8001' },
      /^There are no replicas to start: MODEL_SERVICE_URL says that the model service runs elsewhere\.$/,
    ],
  ])('rejects replicas %s', (_where, options, env, message) => {
    expect(() => createTestStack({ ...options, env: { ...platform.env, ...env } })).toThrow(
      expect.objectContaining({ exitCode: 78, message: expect.stringMatching(message) }),
    );
  });
});

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(String(port)));
    });
  });
}
