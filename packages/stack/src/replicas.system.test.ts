import { reservePort } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFakePlatform, type FakePlatform, untilListening } from './fake-platform.test-support.ts';
import { createStack, type Stack, type StackEvent } from './index.ts';
import { readState } from './state-file.ts';
import { createManualTimers, type ManualTimers } from './timers.test-support.ts';

let platform: FakePlatform;
let timers: ManualTimers;
let modelPort: string;
let stack: Stack;
const messages: string[] = [];
const WAIT = { timeout: 60_000, interval: 10 };

const processes = () => readState(platform.dataDirectory)?.processes ?? [];
const urlsOf = (service: string) => processes().flatMap((each) => (each.service === service ? [each.url] : []));
const pids = () => processes().map(({ process }) => process?.pid);
const startedAs = (service: string) => platform.log().filter((entry) => entry.service === service && entry.event === 'started');

// Each test continues with the processes of the one before.
describe('replicas', () => {
  beforeAll(async () => {
    platform = createFakePlatform();
    timers = createManualTimers();
    modelPort = String(await reservePort());
    const { rootDirectory } = platform;
    const onEvent = ({ message }: StackEvent) => void messages.push(message);
    const env = { ...platform.env, MODEL_PORT: modelPort };
    stack = createStack({ topology: 'services', rootDirectory, env, onEvent, timers, replicas: { model: 2, worker: 2 } });
    await stack.start();
  });
  afterAll(async () => {
    stack.kill();
    await stack.stop();
    platform.remove();
  });

  it('run as separate processes, with all of their URLs passed to their clients', () => {
    expect(processes().map(({ title }) => title)).toEqual([
      ...['model service 1', 'model service 2', 'worker 1', 'worker 2', 'gateway'],
    ]);
    expect(new Set(pids()).size).toBe(5);
    expect(new Set(urlsOf('model')).size).toBe(2);
    for (const { env } of startedAs('worker')) expect(env.MODEL_SERVICE_URL).toBe(urlsOf('model').join());
    const [gateway] = startedAs('gateway');
    expect(gateway?.env).toMatchObject({
      MODEL_SERVICE_URL: urlsOf('model').join(),
      WORKER_SERVICE_URL: urlsOf('worker').join(),
    });
  });

  it('get the configured port for the first and free ports for the others', () => {
    const [first, second] = urlsOf('model').map((url) => new URL(url ?? '').port);
    expect(first).toBe(modelPort);
    expect(second).not.toBe(modelPort);
    // The replicas start concurrently, so either may log its environment first.
    expect(
      startedAs('model')
        .map(({ env }) => env.MODEL_PORT)
        .sort(),
    ).toEqual(['0', modelPort].sort());
  });

  it('restart on their ports when they are killed, without a restart of the others', async () => {
    const before = { urls: urlsOf('model'), pids: pids() };
    process.kill(before.pids[1] ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(messages).toEqual(['model service 2 stopped (killed by SIGKILL). Restarting in 0.3 s.']), WAIT);
    timers.fire(250);
    await vi.waitFor(() => expect(messages.at(-1)).toBe('model service 2 is ready again.'), WAIT);
    expect(urlsOf('model')).toEqual(before.urls);
    expect(pids().map((pid, index) => pid === before.pids[index])).toEqual([true, false, true, true, true]);
    expect(processes().map(({ restarts }) => restarts)).toEqual([0, 1, 0, 0, 0]);
  });

  it('are replaced on their ports after a source change', async () => {
    const before = { urls: urlsOf('model'), pids: pids() };
    await stack.reload();
    await vi.waitFor(() => expect(startedAs('gateway')).toHaveLength(2), WAIT);
    await vi.waitFor(() => expect(pids().some((pid) => pid === undefined || before.pids.includes(pid))).toBe(false), WAIT);
    expect(urlsOf('model')).toEqual(before.urls);
    await Promise.all(processes().map(({ url }) => untilListening(url ?? '')));
  });

  it('stop after their clients', async () => {
    await stack.stop();
    const ends = platform.log().flatMap(({ service, event }) => (event === 'exit' ? [service] : []));
    expect(ends.slice(-5)).toEqual(['gateway', 'worker', 'worker', 'model', 'model']);
    expect(readState(platform.dataDirectory)).toBeNull();
  });
});
