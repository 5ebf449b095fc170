import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { copyClusterTemplate } from '@prodigon/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { withConnection } from './database/connect-database.ts';
import { createFakePlatform, type FakePlatform } from './fake-platform.test-support.ts';
import { createStack, findStacks, type Stack, type StackEvent, stopRunningStack } from './index.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { readState, type StackState } from './state-file.ts';
import { createShiftableTimers } from './timers.test-support.ts';

const WAIT = { timeout: 60_000, interval: 10 };
let platform: FakePlatform;
let env: NodeJS.ProcessEnv;
const stacks: Stack[] = [];
const messages: string[] = [];
const onEvent = ({ message }: StackEvent) => void messages.push(message);

const steps = () => platform.log().map(({ service, event }) => `${service} ${event}`);
const state = () => readState(platform.dataDirectory);
const urlGivenTo = (service: string) => platform.log().findLast((entry) => entry.service === service)?.env.DATABASE_URL ?? '';
const query = (url: string, sql: string) => withConnection(url, async (client) => (await client.query(sql)).rows);
const databaseIdentity = (state: StackState | null) => {
  const identity = state?.processes.find(({ service }) => service === 'database')?.process;
  if (!identity) throw new Error('The database is not running');
  return identity;
};

function createTestStack(): Stack {
  const stack = createStack({ topology: 'services', rootDirectory: platform.rootDirectory, env, onEvent });
  stacks.push(stack);
  return stack;
}

/** Starts a supervisor in another process and kills it when the stack is ready. Returns its last state. */
async function startAndKill(): Promise<StackState> {
  const { rootDirectory, dataDirectory } = platform;
  const script = join(rootDirectory, 'supervisor.ts');
  const index = pathToFileURL(join(import.meta.dirname, 'index.ts')).href;
  writeFileSync(
    script,
    `import { createStack } from ${JSON.stringify(index)};
     await createStack({ topology: 'services', rootDirectory: ${JSON.stringify(rootDirectory)}, env: process.env }).start();`,
  );
  const supervisor = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => supervisor.once('exit', resolve));
  const before = await vi.waitFor(() => {
    const state = readState(dataDirectory);
    if (!state?.url) throw new Error('not ready yet');
    return state;
  }, WAIT);
  supervisor.kill('SIGKILL');
  await ended;
  return before;
}

async function setUp(): Promise<void> {
  platform = createFakePlatform();
  mkdirSync(platform.dataDirectory, { mode: 0o711 });
  await copyClusterTemplate(platform.dataDirectory);
  const { DATABASE_URL: _, ...withoutDatabase } = platform.env;
  env = withoutDatabase;
}

async function tearDown(): Promise<void> {
  for (const stack of stacks.splice(0)) await stack.stop();
  await stopRunningStack({ dataDirectory: platform.dataDirectory, onEvent });
  messages.length = 0;
  platform.remove();
}

// Each test continues with the platform of the one before.
describe('without DATABASE_URL', () => {
  let stack: Stack;
  beforeAll(async () => {
    await setUp();
    stack = createTestStack();
    await stack.start();
  });
  afterAll(tearDown);

  it('starts the embedded database before its clients', async () => {
    for (const user of ['model', 'worker', 'gateway']) expect(await query(urlGivenTo(user), 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
    const { port } = new URL(urlGivenTo('model'));
    expect(state()?.processes[0]).toMatchObject({ service: 'database', url: `postgresql://127.0.0.1:${port}/prodigon` });
  });

  it('restarts a killed database at the same address, while the services keep running', async () => {
    const url = urlGivenTo('worker');
    const database = databaseIdentity(state());
    process.kill(database.pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages).toContain('database is ready again.'), WAIT);
    expect(await query(url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
    expect(databaseIdentity(state())).not.toEqual(database);
    expect(state()?.processes[0]).toMatchObject({ restarts: 1 });
    expect(steps()).toEqual(['model started', 'worker started', 'gateway started']);
  });

  it('kills the database with the stack and recovers it at the next start', async () => {
    const database = databaseIdentity(state());
    await query(urlGivenTo('worker'), 'CREATE TABLE kept AS SELECT 7 AS x');
    stack.kill();
    await vi.waitFor(() => expect(isAlive(database)).toBe(false), WAIT);
    stack = createTestStack();
    await stack.start();
    expect(await query(urlGivenTo('worker'), 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
  });

  it('stops the database with the stack', async () => {
    const database = databaseIdentity(state());
    await stack.stop();
    expect(isAlive(database)).toBe(false);
    expect(findStacks(platform.dataDirectory)).toEqual([]);
  });
});

describe('after kill -9 of the supervisor', () => {
  beforeEach(setUp);
  afterEach(tearDown);

  it('stops the services, even one that ignores SIGTERM, and then the database when the operator stops the stack', async () => {
    platform.behave('gateway', 'stubborn');
    const before = await startAndKill();
    const timers = createShiftableTimers();
    await stopRunningStack({
      dataDirectory: platform.dataDirectory,
      timers,
      onEvent: (event) => {
        onEvent(event);
        // The grace period passes.
        if (event.type === 'orphan') timers.pass(3_001);
      },
    });
    const identities = before.processes.flatMap(({ process }): ProcessIdentity[] => (process ? [process] : []));
    expect(identities).toHaveLength(4);
    expect(identities.filter(isAlive)).toEqual([]);
    expect(messages).toContain('The gateway of an earlier start did not stop in time. Killed it.');
    expect(messages.at(-1)).toBe(
      `The database of an earlier start still runs (pid ${databaseIdentity(before).pid}). Stopping it.`,
    );
    expect(findStacks(platform.dataDirectory)).toEqual([]);
  });
});
