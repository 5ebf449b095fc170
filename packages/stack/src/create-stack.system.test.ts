import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakePlatform, type FakePlatform } from './fake-platform.test-support.ts';

import { createStack, findStacks, type Stack, type StackEvent, type StackOptions } from './index.ts';
import { identifyProcess, isAlive } from './process-identity.ts';
import { readState, stateFilePath } from './state-file.ts';
import { createManualTimers, type ManualTimers } from './timers.test-support.ts';

let platform: FakePlatform;
const stacks: Stack[] = [];
const events: StackEvent[] = [];

const WAIT = { timeout: 60_000, interval: 10 };
const messages = () => events.map(({ message }) => message);
const state = () => readState(platform.dataDirectory);
const steps = () => platform.log().map(({ service, event }) => `${service} ${event}`);

function createTestStack(options: Partial<StackOptions> = {}): Stack {
  const { rootDirectory, env } = platform;
  const stack = createStack({ topology: 'services', rootDirectory, env, onEvent: (event) => events.push(event), ...options });
  stacks.push(stack);
  return stack;
}

/** Waits until the supervisor schedules a restart, then fires its timer. */
async function passBackoff(timers: ManualTimers, delayMs: number): Promise<void> {
  await vi.waitFor(() => expect(timers.waiting()).toContain(delayMs), WAIT);
  timers.fire(delayMs);
}

function identityOf(service: string) {
  const identity = state()?.processes.find((candidate) => candidate.service === service)?.process;
  if (!identity) throw new Error(`The ${service} is not running`);
  return identity;
}

beforeEach(() => {
  platform = createFakePlatform();
});

afterEach(async () => {
  for (const stack of stacks.splice(0)) {
    stack.kill();
    await stack.stop();
  }
  events.length = 0;
  platform.remove();
});

describe('start', () => {
  it('starts each service after those that it calls, and passes their URLs', async () => {
    const url = await createTestStack().start();

    expect(steps()).toEqual(['model started', 'worker started', 'gateway started']);
    const [model, worker, gateway] = platform.log();
    const [modelUrl, workerUrl] = state()?.processes.map(({ url }) => url) ?? [];
    expect(worker?.env.MODEL_SERVICE_URL).toBe(modelUrl);
    expect(gateway?.env).toMatchObject({ MODEL_SERVICE_URL: modelUrl, WORKER_SERVICE_URL: workerUrl });
    expect(gateway?.env.INTERNAL_TOKEN).toBe(model?.env.INTERNAL_TOKEN);
    expect(gateway?.env.INTERNAL_TOKEN?.length).toBeGreaterThan(32);
    expect(gateway?.env.DATA_DIR).toBe(platform.dataDirectory);
    expect(state()?.url).toBe(url);
  });

  it('passes the configured internal token to every service', async () => {
    await createTestStack({ env: { ...platform.env, INTERNAL_TOKEN: 'a-token-of-the-operator' } }).start();
    expect(platform.log().map(({ env }) => env.INTERNAL_TOKEN)).toEqual(Array(3).fill('a-token-of-the-operator'));
  });

  it('starts one process for the monolith', async () => {
    await createTestStack({ topology: 'monolith' }).start();
    expect(steps()).toEqual(['monolith started']);
  });

  it('starts no model service when MODEL_SERVICE_URL names a remote one', async () => {
    await createTestStack({ env: { ...platform.env, MODEL_SERVICE_URL: 'http://10.0.0.7:8001' } }).start();
    expect(steps()).toEqual(['worker started', 'gateway started']);
    expect(platform.log().map(({ env }) => env.MODEL_SERVICE_URL)).toEqual(Array(2).fill('http://10.0.0.7:8001'));
  });

  it('starts no worker when WORKER_SERVICE_URL names a remote one', async () => {
    await createTestStack({ env: { ...platform.env, WORKER_SERVICE_URL: 'http://10.0.0.7:8002' } }).start();
    expect(steps()).toEqual(['model started', 'gateway started']);
    expect(platform.log()[1]?.env.WORKER_SERVICE_URL).toBe('http://10.0.0.7:8002');
  });

  it('starts no database for a gateway with remote services', async () => {
    const { DATABASE_URL: _, ...env } = platform.env;
    const remoteServices = { MODEL_SERVICE_URL: 'http://10.0.0.7:8001', WORKER_SERVICE_URL: 'http://10.0.0.7:8002' };
    await createTestStack({ env: { ...env, ...remoteServices } }).start();
    expect(steps()).toEqual(['gateway started']);
    expect(existsSync(join(platform.dataDirectory, 'database'))).toBe(false);
  });

  it.each(['gateway', 'model', 'worker'] as const)(
    'starts only the %s, with the configured addresses of the other services',
    async (only) => {
      await createTestStack({ only }).start();
      expect(steps()).toEqual([`${only} started`]);
      expect(state()).toBeNull();
      expect(readState(platform.dataDirectory, only)).toMatchObject({ only, processes: [{ service: only }] });
      // The service reads the token from DATA_DIR, like the services that already run.
      const { INTERNAL_TOKEN, MODEL_SERVICE_URL, WORKER_SERVICE_URL } = platform.log()[0]?.env ?? {};
      expect([INTERNAL_TOKEN, MODEL_SERVICE_URL, WORKER_SERVICE_URL]).toEqual([undefined, undefined, undefined]);
    },
  );

  it('shares a data folder between standalone services', async () => {
    for (const only of ['model', 'worker', 'gateway'] as const) await createTestStack({ only }).start();
    expect(findStacks(platform.dataDirectory).map(({ phase, state }) => [phase, state.only])).toEqual([
      ['running', 'model'],
      ['running', 'worker'],
      ['running', 'gateway'],
    ]);
  });

  it('records the running processes in a file that only its owner can read', async () => {
    await createTestStack().start();
    expect(statSync(stateFilePath(platform.dataDirectory)).mode & 0o777).toBe(0o600);
    expect(state()).toMatchObject({ topology: 'services', supervisor: identifyProcess(process.pid) });
    expect(state()?.processes.map(({ process }) => process && isAlive(process))).toEqual([true, true, true]);
  });

  it('lists every configuration problem', () => {
    expect(() => createTestStack({ env: { GATEWAY_PORT: 'abc', USE_MOCK: 'perhaps' } })).toThrow(
      expect.objectContaining({ exitCode: 78, message: expect.stringMatching(/GATEWAY_PORT.*USE_MOCK/s) }),
    );
  });

  it('rejects a port in use before it starts a process', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    const stack = createTestStack({ env: { ...platform.env, GATEWAY_PORT: String(port) } });
    await expect(stack.start()).rejects.toMatchObject({
      message: `Port ${port} is taken by another program. Stop it, or set GATEWAY_PORT to a free port.`,
      exitCode: 78,
    });
    expect(steps()).toEqual([]);
    expect(state()).toBeNull();
    other.close();
  });

  it('rejects a second stack and reports the address of the first', async () => {
    const url = await createTestStack().start();
    await expect(createTestStack().start()).rejects.toMatchObject({
      message: `Prodigon already runs at ${url} (pid ${process.pid}). Stop it with: npx prodigon stop`,
      exitCode: 1,
    });
    expect(state()?.url).toBe(url);
  });

  it('starts one of two concurrent stacks', async () => {
    const results = await Promise.allSettled([createTestStack().start(), createTestStack().start()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(steps()).toEqual(['model started', 'worker started', 'gateway started']);
  });

  it('rejects a DATA_DIR that is not writable', async () => {
    const stack = createTestStack({ env: { ...platform.env, DATA_DIR: 'apps/gateway/src/main.ts/data' } });
    await expect(stack.start()).rejects.toMatchObject({
      message: expect.stringContaining('main.ts/data (ENOTDIR)'),
      exitCode: 78,
    });
  });
});

describe('crashed processes', () => {
  it('restarts a crashed process on its port after the announced delay', async () => {
    const timers = createManualTimers();
    await createTestStack({ timers }).start();
    const urls = state()?.processes.map(({ url }) => url);
    const first = identityOf('model');

    process.kill(first.pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages()).toEqual(['model service stopped (killed by SIGKILL). Restarting in 0.3 s.']), WAIT);
    expect(state()?.processes[0]).toMatchObject({ process: null, restarts: 1 });
    timers.fire(250);
    await vi.waitFor(() => expect(messages().at(-1)).toBe('model service is ready again.'), WAIT);
    expect(identityOf('model')).not.toEqual(first);
    expect(state()?.processes.map(({ url }) => url)).toEqual(urls);
  });

  it('doubles the restart delay after each early crash and resets it to 250 ms after an uptime of 30 s', async () => {
    const timers = createManualTimers();
    await createTestStack({ timers }).start();
    for (const [crash, { uptimeMs, delayMs }] of [
      { uptimeMs: 10, delayMs: 250 },
      { uptimeMs: 10, delayMs: 500 },
      { uptimeMs: 29_000, delayMs: 1_000 },
      { uptimeMs: 30_000, delayMs: 250 },
    ].entries()) {
      timers.pass(uptimeMs);
      process.kill(identityOf('gateway').pid, 'SIGKILL');
      await passBackoff(timers, delayMs);
      await vi.waitFor(() => expect(messages().filter((text) => text.includes('ready again'))).toHaveLength(crash + 1), WAIT);
    }
  });

  it('does not restart a process with an invalid configuration, and leaves nothing running', async () => {
    platform.behave('gateway', 'misconfigured');
    await expect(createTestStack().start()).rejects.toMatchObject({ exitCode: 78 });
    expect(steps()).toEqual([
      ...['model started', 'worker started', 'gateway started'],
      ...['worker SIGTERM', 'worker exit', 'model SIGTERM', 'model exit'],
    ]);
    expect(state()).toBeNull();
  });

  it('ends the stack when a process restarts with an invalid configuration', async () => {
    const timers = createManualTimers();
    const stack = createTestStack({ timers });
    await stack.start();
    platform.behave('model', 'misconfigured');
    process.kill(identityOf('model').pid, 'SIGKILL');
    await passBackoff(timers, 250);
    await expect(stack.ended).resolves.toMatchObject({ exitCode: 78 });
    expect(steps().slice(-4)).toEqual(['gateway SIGTERM', 'gateway exit', 'worker SIGTERM', 'worker exit']);
  });

  it('restarts a process at most four times before it is ready', async () => {
    platform.behave('model', 'crash');
    const timers = createManualTimers();
    const started = createTestStack({ timers }).start();
    const outcome = expect(started).rejects.toMatchObject({
      message: 'The model service stopped 5 times before it was ready (exit code 1).',
      exitCode: 1,
    });
    for (const delayMs of [250, 500, 1_000, 2_000]) {
      // A long start does not count as healthy uptime.
      timers.pass(40_000);
      await passBackoff(timers, delayMs);
    }
    await outcome;
    expect(steps()).toEqual(Array.from({ length: 5 }, () => 'model started'));
  });
});

describe('stop', () => {
  it('drains each service before those that it calls, and removes the state file', async () => {
    const stack = createTestStack();
    await stack.start();
    await stack.stop();
    expect(steps().slice(3)).toEqual([
      ...['gateway SIGTERM', 'gateway exit', 'worker SIGTERM', 'worker exit'],
      ...['model SIGTERM', 'model exit'],
    ]);
    await expect(stack.ended).resolves.toBeNull();
    expect(state()).toBeNull();
  });

  it('kills a process that does not stop within the drain timeout and a margin', async () => {
    const timers = createManualTimers();
    platform.behave('gateway', 'stubborn');
    const stack = createTestStack({ timers, env: { ...platform.env, DRAIN_TIMEOUT_MS: '7000' } });
    await stack.start();
    const stopped = stack.stop();
    await vi.waitFor(() => expect(steps()).toContain('gateway SIGTERM'), WAIT);
    expect(timers.waiting()).toContain(9_000);
    timers.fire(9_000);
    await stopped;
    expect(messages()).toEqual(['gateway did not stop in time. Killed it.']);
    expect(steps().slice(-2)).toEqual(['model SIGTERM', 'model exit']);
  });

  it('does not restart a process that a signal to the process group ends during a stop', async () => {
    const timers = createManualTimers();
    platform.behave('gateway', 'stubborn');
    const stack = createTestStack({ timers, env: { ...platform.env, DRAIN_TIMEOUT_MS: '7000' } });
    await stack.start();
    const stopped = stack.stop();
    await vi.waitFor(() => expect(steps()).toContain('gateway SIGTERM'), WAIT);
    const { pid } = identityOf('model');
    process.kill(pid, 'SIGTERM');
    await vi.waitFor(() => expect(state()?.processes.find(({ service }) => service === 'model')?.process).toBeNull(), WAIT);
    timers.fire(9_000);
    await stopped;
    expect(messages()).toEqual(['gateway did not stop in time. Killed it.']);
    expect(steps().filter((step) => step === 'model started')).toHaveLength(1);
  });

  it('interrupts a start when the stack stops', async () => {
    const stack = createTestStack();
    const started = stack.start();
    await vi.waitFor(() => expect(steps()).toContain('model started'), WAIT);
    await stack.stop();
    await expect(started).rejects.toThrow('interrupted');
    expect(state()).toBeNull();
  });

  it('kills every process without draining', async () => {
    platform.behave('gateway', 'stubborn');
    platform.behave('model', 'stubborn');
    const stack = createTestStack();
    await stack.start();
    const identities = [identityOf('gateway'), identityOf('worker'), identityOf('model')];
    stack.kill();
    await vi.waitFor(() => expect(identities.filter(isAlive)).toEqual([]), WAIT);
    expect(steps()).toEqual(['model started', 'worker started', 'gateway started']);
  });
});

it('replaces every process with a new one on the same port after a source change', async () => {
  const stack = createTestStack();
  await stack.start();
  const urls = state()?.processes.map(({ url }) => url);
  const pids = platform.log().map(({ pid }) => pid);
  await stack.reload();
  await vi.waitFor(
    () => expect(state()?.processes.every(({ process }) => process && !pids.includes(process.pid))).toBe(true),
    WAIT,
  );
  await vi.waitFor(() => expect(steps().filter((step) => step.endsWith('started'))).toHaveLength(6), WAIT);
  expect(state()?.processes.map(({ url }) => url)).toEqual(urls);
});
