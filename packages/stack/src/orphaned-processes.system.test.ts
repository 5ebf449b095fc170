import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createFakePlatform, type FakePlatform } from './fake-platform.test-support.ts';
import { createStack, inspectStack, type Replicas, type Stack, type StackEvent, type StackOptions } from './index.ts';
import { isAlive } from './process-identity.ts';
import { readState, type StackState, writeState } from './state-file.ts';
import { createShiftableTimers } from './timers.test-support.ts';

let platform: FakePlatform;
let supervisor: ChildProcess | undefined;
let stack: Stack | undefined;
const messages: string[] = [];
const WAIT = { timeout: 60_000, interval: 10 };

beforeEach(() => {
  platform = createFakePlatform();
});

afterEach(async () => {
  stack?.kill();
  await stack?.stop();
  supervisor?.kill('SIGKILL');
  stack = undefined;
  supervisor = undefined;
  messages.length = 0;
  platform.remove();
});

/** Starts a supervisor in another process. Returns its state when the stack is ready. */
async function startSupervisor(replicas: Replicas): Promise<StackState> {
  const { rootDirectory, env, dataDirectory } = platform;
  const script = join(rootDirectory, 'supervisor.ts');
  const index = pathToFileURL(join(import.meta.dirname, 'index.ts')).href;
  writeFileSync(
    script,
    `import { createStack } from ${JSON.stringify(index)};
     await createStack({ topology: 'services', rootDirectory: ${JSON.stringify(rootDirectory)}, env: process.env, replicas: ${JSON.stringify(replicas)} }).start();`,
  );
  supervisor = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return vi.waitFor(() => {
    const state = readState(dataDirectory);
    if (!state?.url) throw new Error('not ready yet');
    return state;
  }, WAIT);
}

async function killSupervisor(state: StackState): Promise<void> {
  supervisor?.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(state.supervisor)).toBe(false), WAIT);
}

/** Records messages, and moves the clock past the grace period after each signal. */
function skipGracePeriod() {
  const timers = createShiftableTimers();
  const onEvent = ({ type, message }: StackEvent) => {
    messages.push(message);
    if (type === 'orphan') timers.pass(3_001);
  };
  return { timers, onEvent };
}

function startHere(options: Partial<StackOptions> = {}): Promise<string> {
  const { rootDirectory, env } = platform;
  stack = createStack({
    topology: 'services',
    rootDirectory,
    env,
    onEvent: ({ message }) => messages.push(message),
    ...options,
  });
  return stack.start();
}

const identities = (state: StackState) => state.processes.flatMap(({ process }) => process ?? []);

it('stops each orphaned process at the next start after kill -9 of the supervisor, even replicas that ignore SIGTERM', async () => {
  platform.behave('model', 'stubborn');
  const before = await startSupervisor({ model: 2 });
  await killSupervisor(before);
  expect(inspectStack(platform.dataDirectory)).toMatchObject({ phase: 'crashed' });
  platform.behave('model', 'ready');
  await startHere(skipGracePeriod());
  const [first, second] = before.processes.map(({ process }) => process?.pid);
  const expected = [
    `A model service 1 of an earlier start still runs (pid ${first}). Stopping it.`,
    `A model service 2 of an earlier start still runs (pid ${second}). Stopping it.`,
    'The model service 1 of an earlier start did not stop in time. Killed it.',
    'The model service 2 of an earlier start did not stop in time. Killed it.',
  ];
  expect(messages.filter((message) => message.includes('model service'))).toEqual(expected);
  expect(identities(before).filter(isAlive)).toEqual([]);
  expect(inspectStack(platform.dataDirectory)).toMatchObject({ phase: 'running' });
});

it('never signals a process that reuses the pid of a dead one', async () => {
  const bystander = spawn('sleep', ['1000']);
  onTestFinished(() => void bystander.kill('SIGKILL'));
  const pid = bystander.pid as number;
  const recycled = { pid, started: 'another boot 1' };
  const state: StackState = {
    version: '0.0.0',
    topology: 'services',
    started_at: new Date(0).toISOString(),
    supervisor: recycled,
    only: null,
    url: 'http://127.0.0.1:1',
    processes: [{ service: 'model', title: 'model service', process: recycled, url: null, restarts: 0 }],
  };
  writeState(platform.dataDirectory, state);
  expect(inspectStack(platform.dataDirectory)).toMatchObject({ phase: 'crashed', alive: [] });

  await startHere();
  expect(messages).toEqual([]);
  expect(bystander.exitCode).toBeNull();
  expect(bystander.signalCode).toBeNull();
});
