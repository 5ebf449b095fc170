import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { copyClusterTemplate } from '@prodigon/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withConnection } from './database/connect-database.ts';
import { createFakePlatform, type FakePlatform } from './fake-platform.test-support.ts';
import { createStack, findStacks, type Stack, type StackOptions, stopRunningStack } from './index.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { readState, type StackState } from './state-file.ts';

const WAIT = { timeout: 60_000, interval: 10 };
let platform: FakePlatform;
let env: NodeJS.ProcessEnv;
const stacks: Stack[] = [];
const messages: string[] = [];
const onEvent = ({ message }: { message: string }) => void messages.push(message);

const steps = () => platform.log().map(({ service, event }) => `${service} ${event}`);
const state = () => readState(platform.dataDirectory);
const urlGivenTo = (service: string) => platform.log().findLast((entry) => entry.service === service)?.env.DATABASE_URL ?? '';
const query = (url: string, sql: string) => withConnection(url, async (client) => (await client.query(sql)).rows);
const databaseIdentity = (state: StackState | null) => {
  const identity = state?.processes.find(({ service }) => service === 'database')?.process;
  if (!identity) throw new Error('The database is not running');
  return identity;
};

function createTestStack(options: Partial<StackOptions> = {}): Stack {
  const { rootDirectory } = platform;
  const stack = createStack({ topology: 'services', rootDirectory, env, onEvent, ...options });
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

beforeEach(async () => {
  platform = createFakePlatform();
  mkdirSync(platform.dataDirectory, { mode: 0o711 });
  await copyClusterTemplate(platform.dataDirectory);
  const { DATABASE_URL: _, ...withoutDatabase } = platform.env;
  env = withoutDatabase;
});

afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.stop();
  await stopRunningStack({ dataDirectory: platform.dataDirectory, onEvent });
  messages.length = 0;
  platform.remove();
});

describe('without DATABASE_URL', () => {
  it.each([
    { topology: 'services', users: ['model', 'worker'], others: ['gateway'] },
    { topology: 'monolith', users: ['monolith'], others: [] },
  ] as const)(
    'starts the embedded database before its clients and stops it after them ($topology)',
    async ({ topology, users, others }) => {
      const stack = createTestStack({ topology });
      await stack.start();
      for (const user of users) expect(await query(urlGivenTo(user), 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
      for (const other of others) expect(urlGivenTo(other)).toBe('');
      const { port } = new URL(urlGivenTo(users[0]));
      expect(state()?.processes[0]).toMatchObject({ service: 'database', url: `postgresql://127.0.0.1:${port}/prodigon` });
      const database = databaseIdentity(state());

      await stack.stop();
      expect(isAlive(database)).toBe(false);
      expect(findStacks(platform.dataDirectory)).toEqual([]);
    },
  );

  it('restarts a killed database at the same address', async () => {
    await createTestStack().start();
    const url = urlGivenTo('worker');
    const database = databaseIdentity(state());
    process.kill(database.pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages).toContain('database is ready again.'), WAIT);
    expect(await query(url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
    expect(databaseIdentity(state())).not.toEqual(database);
    expect(state()?.processes[0]).toMatchObject({ restarts: 1 });
    // The services keep running.
    expect(steps()).toEqual(['model started', 'worker started', 'gateway started']);
  });

  it('kills the database with the stack and recovers it at the next start', async () => {
    const stack = createTestStack();
    await stack.start();
    const database = databaseIdentity(state());
    await query(urlGivenTo('worker'), 'CREATE TABLE kept AS SELECT 7 AS x');
    stack.kill();
    await vi.waitFor(() => expect(isAlive(database)).toBe(false), WAIT);
    await createTestStack().start();
    expect(await query(urlGivenTo('worker'), 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
  });

  it('leaves nothing running when a start is interrupted during the start of the database', async () => {
    const stack = createTestStack();
    const started = stack.start();
    await vi.waitFor(() => expect(state()).not.toBeNull(), WAIT);
    await stack.stop();
    await expect(started).rejects.toThrow('interrupted');
    expect(await stopRunningStack({ dataDirectory: platform.dataDirectory, onEvent })).toBe(false);
  });
});

describe('after kill -9 of the supervisor', () => {
  it('adopts the database of a killed supervisor at the next start', async () => {
    const before = await startAndKill();
    const database = databaseIdentity(before);
    expect(isAlive(database)).toBe(true);
    await createTestStack().start();
    expect(databaseIdentity(state())).toEqual(database);
    expect(messages).toContain(`The database of an earlier start still runs (pid ${database.pid}). Using it.`);
  });

  it('stops the database of a killed supervisor after its services', async () => {
    const before = await startAndKill();
    await stopRunningStack({ dataDirectory: platform.dataDirectory, onEvent });
    const identities = before.processes.flatMap(({ process }): ProcessIdentity[] => (process ? [process] : []));
    expect(identities.filter(isAlive)).toEqual([]);
    expect(messages.at(-1)).toBe(
      `The database of an earlier start still runs (pid ${databaseIdentity(before).pid}). Stopping it.`,
    );
  });
});

it('shares one database between standalone services, regardless of which stops first', async () => {
  const worker = createTestStack({ only: 'worker' });
  await worker.start();
  const url = urlGivenTo('worker');
  await createTestStack({ topology: 'monolith' }).start();
  expect(urlGivenTo('monolith')).toBe(url);
  await worker.stop();
  await vi.waitFor(() => expect(messages).toContain('database is ready again.'), WAIT);
  expect(await query(url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
});

it('rejects an unreachable DATABASE_URL in one sentence before it starts a process', async () => {
  env.DATABASE_URL = 'postgresql://me:hunter2-secret@127.0.0.1:9/none';
  await expect(createTestStack().start()).rejects.toMatchObject({
    exitCode: 78,
    message: 'DATABASE_URL cannot be used: no PostgreSQL server answers at 127.0.0.1:9 (ECONNREFUSED).',
  });
  expect(steps()).toEqual([]);
  expect(state()).toBeNull();
});
