import { statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakePlatform, type FakePlatform, untilListening } from './fake-platform.test-support.ts';
import { createStack, type Stack, type StackEvent, type StackOptions } from './index.ts';
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

async function tearDown(): Promise<void> {
  for (const stack of stacks.splice(0)) {
    stack.kill();
    await stack.stop();
  }
  events.length = 0;
  platform.remove();
}

// Each test continues with the processes of the one before.
describe('running services', () => {
  let timers: ManualTimers;
  let stack: Stack;
  let url: string;
  beforeAll(async () => {
    platform = createFakePlatform();
    timers = createManualTimers();
    stack = createTestStack({ timers });
    url = await stack.start();
  });
  afterAll(tearDown);

  it('start after those that they call, with their URLs', () => {
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

  it('are recorded in a file that only its owner can read', () => {
    expect(statSync(stateFilePath(platform.dataDirectory)).mode & 0o777).toBe(0o600);
    expect(state()).toMatchObject({ topology: 'services', supervisor: identifyProcess(process.pid) });
    expect(state()?.processes.map(({ process }) => process && isAlive(process))).toEqual([true, true, true]);
  });

  it('exclude a second stack, which reports their address', async () => {
    await expect(createTestStack().start()).rejects.toMatchObject({
      message: `Prodigon already runs at ${url} (pid ${process.pid}). Stop it with: ./prodigon stop`,
      exitCode: 1,
    });
    expect(state()?.url).toBe(url);
  });

  it('restart after a crash on their ports after the announced delay', async () => {
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

  it('are replaced with new processes on the same ports after a source change', async () => {
    const urls = state()?.processes.map(({ url }) => url);
    const pids = platform.log().map(({ pid }) => pid);
    const startsBefore = steps().filter((step) => step.endsWith('started')).length;
    await stack.reload();
    await vi.waitFor(
      () => expect(state()?.processes.every(({ process }) => process && !pids.includes(process.pid))).toBe(true),
      WAIT,
    );
    await vi.waitFor(() => expect(steps().filter((step) => step.endsWith('started'))).toHaveLength(startsBefore + 3), WAIT);
    expect(state()?.processes.map(({ url }) => url)).toEqual(urls);
    await Promise.all((urls ?? []).map((url) => untilListening(url ?? '')));
  });

  it('drain before those that they call, and leave no state file', async () => {
    await stack.stop();
    expect(steps().slice(-6)).toEqual([
      ...['gateway SIGTERM', 'gateway exit', 'worker SIGTERM', 'worker exit'],
      ...['model SIGTERM', 'model exit'],
    ]);
    await expect(stack.ended).resolves.toBeNull();
    expect(state()).toBeNull();
  });
});

describe('a stack', () => {
  beforeEach(() => {
    platform = createFakePlatform();
  });
  afterEach(tearDown);

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

  it('kills a process that ignores SIGTERM, and restarts no process that a signal to the process group ends during a stop', async () => {
    const timers = createManualTimers();
    platform.behave('gateway', 'stubborn');
    const stack = createTestStack({ timers, env: { ...platform.env, DRAIN_TIMEOUT_MS: '7000' } });
    await stack.start();
    const stopped = stack.stop();
    await vi.waitFor(() => expect(steps()).toContain('gateway SIGTERM'), WAIT);
    const { pid } = identityOf('model');
    process.kill(pid, 'SIGTERM');
    await vi.waitFor(() => expect(state()?.processes.find(({ service }) => service === 'model')?.process).toBeNull(), WAIT);
    expect(timers.waiting()).toContain(9_000);
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
