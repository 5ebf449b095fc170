import { createTestDatabase, keepAliveSeconds, startTestPostgres } from '@prodigon/testing';
import { sql } from 'kysely';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createJobChangeFeed } from './change-feed.ts';
import { createDatabase, databaseError } from './create-database.ts';
import { createLockConnection } from './lock-connection.ts';

const isLinux = process.platform === 'linux';

it.runIf(isLinux)('every idle connection notices within 15 seconds that the host of the database has disappeared', async () => {
  const server = await startTestPostgres();
  onTestFinished(() => server.close());
  const { url } = server;
  const pool = createDatabase({ url });
  const feed = createJobChangeFeed({ url });
  const lock = createLockConnection(url);
  onTestFinished(async () => void (await Promise.all([pool.close(), feed.close(), lock.close()])));
  feed.subscribe(() => {});
  await Promise.all([sql`select 1`.execute(pool.db), lock.open()]);
  await vi.waitFor(() => expect(feed.isConnected).toBe(true), { timeout: 20_000 });

  const isShort = expect.toSatisfy((seconds) => seconds !== null && seconds <= 5);
  const remotePort = Number(new URL(url).port);
  await vi.waitFor(() => expect(keepAliveSeconds({ remotePort })).toEqual([isShort, isShort, isShort]));
});

it('a statement fails when its connection stays silent, and the next one uses a new connection', async () => {
  const { url, drop } = await createTestDatabase();
  const { db, close } = createDatabase({ url, connectionsMax: 1, idleTimeoutMs: 300 });
  onTestFinished(async () => {
    await close();
    await drop();
  });
  const failure = await sql`select pg_sleep(60)`.execute(db).catch(databaseError);
  expect(failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
});
