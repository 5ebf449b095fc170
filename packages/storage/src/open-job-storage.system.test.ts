import { randomUUIDv7 } from 'node:crypto';
import { type Configuration, ConfigurationError } from '@prodigon/platform/configuration';
import { createTestDatabase, startTestPostgres } from '@prodigon/testing';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDatabase } from './create-database.ts';
import { openJobStorage } from './open-job-storage.ts';

async function createUrl(isMigrated = true): Promise<string> {
  const { url, drop } = await createTestDatabase({ isMigrated });
  onTestFinished(drop);
  return url;
}

async function open(DATABASE_URL: string | undefined, QUEUE_TYPE: 'postgres' | 'memory' = 'postgres') {
  const storage = await openJobStorage({ DATABASE_URL, QUEUE_TYPE } as Configuration);
  onTestFinished(() => storage.close());
  return storage;
}

function withUrl(url: string, change: (url: URL) => void): string {
  const changed = new URL(url);
  change(changed);
  return changed.href;
}

describe('an unusable DATABASE_URL', () => {
  it('throws a ConfigurationError without a database', async () => {
    await expect(open(undefined)).rejects.toEqual(
      new ConfigurationError([
        'DATABASE_URL is not set. `npm start` and `make run-worker` start a database; a worker by itself needs one',
      ]),
    );
  });

  it('throws an ordinary error for an unreachable server, because a restart may help', async () => {
    const failure = await open('postgresql://ada:hunter2@127.0.0.1:9/prodigon').catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(ConfigurationError);
    expect(failure).toMatchObject({
      message: 'DATABASE_URL cannot be used: no PostgreSQL server answers at 127.0.0.1:9 (ECONNREFUSED).',
    });
  });

  it('throws a ConfigurationError for a wrong password, without the password', async () => {
    const url = withUrl(await createUrl(), (each) => {
      each.password = 'hunter2';
    });
    const { host, username } = new URL(url);
    await expect(open(url)).rejects.toEqual(
      new ConfigurationError([
        `DATABASE_URL cannot be used: the server at ${host} does not accept the user "${username}" or its password`,
      ]),
    );
  });

  it('throws a ConfigurationError for a missing database', async () => {
    const url = withUrl(await createUrl(), (each) => {
      each.pathname = '/nowhere';
    });
    await expect(open(url)).rejects.toEqual(
      new ConfigurationError([`DATABASE_URL cannot be used: the server at ${new URL(url).host} has no database "nowhere"`]),
    );
  });
});

describe('the lock of a memory queue', () => {
  const MEMORY_EXISTS = 'Another worker of this database has QUEUE_TYPE=memory, which serves one worker only';
  const OTHER_EXISTS = 'QUEUE_TYPE is memory, which serves one worker only, and another worker of this database is running';

  it.each([
    { first: 'memory', second: 'memory', problem: OTHER_EXISTS },
    { first: 'postgres', second: 'memory', problem: OTHER_EXISTS },
    { first: 'memory', second: 'postgres', problem: MEMORY_EXISTS },
  ] as const)('rejects a worker with QUEUE_TYPE=$second while a worker with $first runs', async ({ first, second, problem }) => {
    const url = await createUrl();
    const { queue, leaseStore, check } = await open(url, first);
    await expect(open(url, second)).rejects.toEqual(new ConfigurationError([problem]));
    const session = { id: '00000000-0000-7000-8000-000000000001', name: 'worker-1', leaseMs: 60_000 };
    await leaseStore.openSession(session);
    expect(await queue.claim(session, 1)).toEqual([]);
    expect(await check()).toEqual({ ok: true, latency_ms: expect.any(Number) });
  });

  it('admits several workers with the postgres queue, and any worker after a memory worker has closed', async () => {
    const url = await createUrl(false);
    await Promise.all([open(url), open(url)]);
    const other = await createUrl();
    const storage = await openJobStorage({ DATABASE_URL: other, QUEUE_TYPE: 'memory' } as Configuration);
    await storage.close();
    await open(other, 'postgres');
  });
});

describe('the session of a worker', () => {
  const session = { id: randomUUIDv7(), name: 'worker-1', leaseMs: 600_000 };

  it('ends within seconds after its process has lost its connections, and not before', async () => {
    const url = await createUrl();
    const { leaseStore } = await open(url);
    const killed = await openJobStorage({ DATABASE_URL: url, QUEUE_TYPE: 'postgres' } as Configuration);
    await killed.leaseStore.openSession(session);
    await leaseStore.requeueOrphaned();
    expect(await killed.leaseStore.renewSession(session)).toBe(true);
    const workersOf = async () => (await leaseStore.measureDepth()).workers.length;
    // The process of a killed worker closes its connections, but not its session.
    await killed.close();
    await vi.waitFor(
      async () => {
        await leaseStore.requeueOrphaned();
        expect(await workersOf()).toBe(0);
      },
      { timeout: 60_000, interval: 50 },
    );
  });

  it('survives a restart of the database when the worker renews it', async () => {
    const server = await startTestPostgres();
    onTestFinished(() => server.close());
    const { leaseStore } = await open(server.url);
    const { promise: disconnected, resolve } = Promise.withResolvers<void>();
    await leaseStore.openSession(session, resolve);
    await server.restart('immediate');
    await disconnected;
    expect(await leaseStore.renewSession(session)).toBe(true);
    await leaseStore.requeueOrphaned();
    const { db, close } = createDatabase({ url: server.url });
    onTestFinished(close);
    const { rows } = await sql<{ isWhole: boolean }>`
      select lease_expires_at > clock_timestamp() + interval '5 minutes' as "isWhole" from worker.workers
    `.execute(db);
    expect(rows).toEqual([{ isWhole: true }]);
  });
});

it('reports an unreachable database in its readiness check', async () => {
  const server = await startTestPostgres();
  onTestFinished(() => server.close());
  const { check } = await open(server.url);
  expect(await check()).toEqual({ ok: true, latency_ms: expect.any(Number) });
  await server.stop('immediate');
  expect(await check()).toMatchObject({ ok: false });
  await server.restart();
  expect(await check()).toEqual({ ok: true, latency_ms: expect.any(Number) });
});

it('is unavailable while its database does not answer, and available again afterwards', async () => {
  const server = await startTestPostgres();
  onTestFinished(() => server.close());
  const storage = await open(server.url);
  expect(await storage.isAvailable()).toBe(true);
  await server.stop('immediate');
  const waitUntil = (expected: boolean) =>
    vi.waitFor(async () => expect(await storage.isAvailable()).toBe(expected), { timeout: 60_000, interval: 50 });
  await waitUntil(false);
  await server.restart();
  await waitUntil(true);
});
