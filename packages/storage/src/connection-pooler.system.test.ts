import { randomUUIDv7 } from 'node:crypto';
import { type Configuration, ConfigurationError } from '@prodigon/platform/configuration';
import { createTestDatabase, startPgBouncer } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openJobStorage } from './open-job-storage.ts';
import { openUsageStorage } from './postgres-usage-store.ts';

/** The startup parameters of the pool, which PgBouncer rejects unless its configuration ignores them. */
const IGNORED = ['options', 'statement_timeout', 'idle_in_transaction_session_timeout'];

async function startPooledDatabase({
  mode = 'transaction',
  ignoredParameters = [],
}: {
  mode?: 'session' | 'transaction';
  ignoredParameters?: readonly string[];
} = {}) {
  const { url: directUrl, drop } = await createTestDatabase();
  const pgBouncer = await startPgBouncer({ urls: [directUrl], mode, ignoredParameters });
  onTestFinished(async () => {
    await pgBouncer.close();
    await drop();
  });
  return { directUrl, pooledUrl: pgBouncer.through(directUrl) };
}

async function open(DATABASE_URL: string, DATABASE_DIRECT_URL?: string) {
  const storage = await openJobStorage({ DATABASE_URL, DATABASE_DIRECT_URL, QUEUE_TYPE: 'postgres' } as Configuration);
  onTestFinished(() => storage.close());
  return storage;
}

describe('PgBouncer in transaction mode', () => {
  it('runs jobs, with migrations, notifications and session locks over the direct URL', async () => {
    const { directUrl, pooledUrl } = await startPooledDatabase();
    const [one, other] = [await open(pooledUrl, directUrl), await open(pooledUrl, directUrl)];
    const changed = vi.fn();
    one.changeFeed.subscribe(changed);
    await vi.waitFor(() => expect(one.changeFeed.isConnected).toBe(true), { timeout: 60_000 });
    const job = { jobId: randomUUIDv7(), ownerId: 'ada', total: 2, idempotency: undefined };
    const options = { name: 'test', max_tokens: 100, temperature: 0, priority: 0, expires_in_hours: 24 };
    await one.jobStore.create({ ...job, options }, [[{ prompt: 'one' }, { prompt: 'two' }]]);

    const session = { id: randomUUIDv7(), name: 'worker-1', leaseMs: 600_000 };
    await one.leaseStore.openSession(session);
    // The other worker sees the lock of the session, which a pooler would have lost.
    await other.leaseStore.requeueOrphaned();
    expect(await one.queue.claim(session, 10)).toHaveLength(2);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledWith({ jobId: job.jobId, ownerId: job.ownerId }), { timeout: 60_000 });
  });

  it('records usage', async () => {
    const { directUrl, pooledUrl } = await startPooledDatabase();
    const { store, close } = openUsageStorage({
      ...{ DATABASE_URL: pooledUrl, DATABASE_DIRECT_URL: directUrl, DATA_DIR: '.prodigon' },
    });
    onTestFinished(close);
    expect(
      await store.summarize({ ownerId: 'ada', from: '2026-01-01', to: '2026-01-31', unit: 'day', time_zone: 'UTC' }),
    ).toEqual([]);
  });

  it.each([{ ignoredParameters: [] }, { ignoredParameters: IGNORED }])(
    'is a configuration error without a direct URL, also when it ignores $ignoredParameters',
    async ({ ignoredParameters }) => {
      const { pooledUrl } = await startPooledDatabase({ ignoredParameters });
      await expect(open(pooledUrl)).rejects.toEqual(
        new ConfigurationError([
          'DATABASE_URL leads to a connection pooler: set DATABASE_DIRECT_URL to the address of PostgreSQL itself',
        ]),
      );
      await expect(open(pooledUrl, pooledUrl)).rejects.toEqual(
        new ConfigurationError([
          'DATABASE_DIRECT_URL leads to a connection pooler in transaction mode: set it to the address of PostgreSQL itself',
        ]),
      );
    },
  );

  it('is named in the error when its password or database is wrong', async () => {
    const { directUrl, pooledUrl } = await startPooledDatabase();
    const wrong = new URL(pooledUrl);
    wrong.password = 'hunter2-secret';
    const failure: unknown = await open(wrong.href, directUrl).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/DATABASE_URL cannot be used: the server at 127\.0\.0\.1:\d+ /);
    expect(String(failure)).not.toContain('hunter2');
  });
});

describe('PgBouncer in session mode', () => {
  it('needs no direct URL when it ignores the startup parameters', async () => {
    const { pooledUrl } = await startPooledDatabase({ mode: 'session', ignoredParameters: IGNORED });
    expect(await (await open(pooledUrl)).check()).toMatchObject({ ok: true });
  });

  it('may be the direct URL when it rejects the startup parameters', async () => {
    const { pooledUrl } = await startPooledDatabase({ mode: 'session' });
    await expect(open(pooledUrl)).rejects.toThrow('set DATABASE_DIRECT_URL');
    expect(await (await open(pooledUrl, pooledUrl)).check()).toMatchObject({ ok: true });
  });
});
