import { type Configuration, ConfigurationError } from '@prodigon/platform/configuration';
import type { JobChangeFeed, JobQueue, JobStore, LeaseStore } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { createJobChangeFeed } from './change-feed.ts';
import { explainConnectionError } from './connection-errors.ts';
import { createDatabase, databaseError, STARTUP_PARAMETERS_REJECTED } from './create-database.ts';
import { createDatabaseCheck, type DatabaseCheck } from './database-check.ts';
import type { Database } from './database-schema.ts';
import { assertSessions, type DatabaseUrls, findDatabaseUrls, POOLER_PROBLEM } from './database-urls.ts';
import { createDiskCheck } from './disk-space.ts';
import { createLockConnection, type LockConnection } from './lock-connection.ts';
import { createPostgresJobStore } from './postgres-job-store.ts';
import { createPostgresLeaseStore } from './postgres-lease-store.ts';
import { createMemoryJobQueue } from './queue/memory-job-queue.ts';
import { createLockedQueue, createPostgresJobQueue, openQueueLock } from './queue/postgres-job-queue.ts';
import type { RedisConnection } from './redis/redis-connection.ts';
import { migrateDatabase } from './run-migrations.ts';
import { createSessionLock } from './session-lock.ts';

export interface JobStorage {
  readonly jobStore: JobStore;
  readonly leaseStore: LeaseStore;
  readonly queue: JobQueue;
  readonly changeFeed: JobChangeFeed;
  readonly check: DatabaseCheck;
  /** Whether the database answers. Queries it only after some seconds without an answer to any statement. */
  isAvailable(): Promise<boolean>;
  close(): Promise<void>;
}

/** The worker sends statements several times in a second. */
const RESPONSE_AGE_MS_MAX = 3_000;

/**
 * Migrates the database of batch jobs and opens it with the configured queue. Throws a `ConfigurationError` without a
 * database, or when the queue of another worker excludes this one. `redis` is for QUEUE_TYPE=redis.
 */
export async function openJobStorage(configuration: Configuration, redis?: RedisConnection): Promise<JobStorage> {
  const urls = findDatabaseUrls(configuration);
  if (urls === undefined) {
    throw new ConfigurationError([
      'DATABASE_URL is not set. `npm start` and `make run-worker` start a database; a worker by itself needs one',
    ]);
  }
  const { url, directUrl, isPooled } = urls;
  const isShared = configuration.QUEUE_TYPE !== 'memory';
  const connection = createLockConnection(directUrl);
  const { db, sinceResponseMs, close: closePool } = createDatabase({ url, isPooled, isDiskFull: createDiskCheck(configuration) });
  const changeFeed = createJobChangeFeed({ url: directUrl });
  const close = async () => {
    await changeFeed.close();
    await connection.close();
    await closePool();
  };
  try {
    const variable = isPooled ? 'DATABASE_DIRECT_URL' : 'DATABASE_URL';
    await explainFailure(variable, directUrl, () => checkSessions(connection, urls));
    await explainFailure(variable, directUrl, () => migrateDatabase(directUrl));
    await explainFailure('DATABASE_URL', url, () => checkPool(db, isPooled));
    const lock = await openQueueLock({ connection, isShared });
    const check = createDatabaseCheck(db);
    return {
      changeFeed,
      jobStore: createPostgresJobStore(db),
      leaseStore: createPostgresLeaseStore(db, createSessionLock(connection)),
      queue: createLockedQueue(await createQueue(configuration, db, redis), lock),
      check,
      isAvailable: async () => sinceResponseMs() < RESPONSE_AGE_MS_MAX || (await check()).ok,
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function createQueue(
  { QUEUE_TYPE }: Configuration,
  db: Kysely<Database>,
  connection: RedisConnection | undefined,
): Promise<JobQueue> {
  if (QUEUE_TYPE === 'memory') return createMemoryJobQueue(db);
  if (QUEUE_TYPE === 'postgres' || connection === undefined) return createPostgresJobQueue(db);
  const { createRedisJobQueue } = await import('./redis/redis-job-queue.ts');
  return createRedisJobQueue({ db, connection });
}

async function checkSessions(connection: LockConnection, urls: DatabaseUrls): Promise<void> {
  const client = await connection.open();
  const other = createLockConnection(urls.directUrl);
  try {
    await assertSessions(client, await other.open(), urls);
  } finally {
    await other.close();
  }
}

async function checkPool(db: Kysely<Database>, isPooled: boolean): Promise<void> {
  await sql`select 1`.execute(db).catch((thrown: unknown) => {
    const { code } = thrown as { code?: string };
    throw code === STARTUP_PARAMETERS_REJECTED && !isPooled ? new ConfigurationError([POOLER_PROBLEM]) : thrown;
  });
}

/** Runs `use`. Throws a `ConfigurationError` or an `Error` of one sentence when it cannot connect. */
async function explainFailure(variable: string, url: string, use: () => Promise<unknown>): Promise<void> {
  try {
    await use();
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) throw thrown;
    const error = databaseError(thrown);
    const { reason, isPermanent } = explainConnectionError(url, error.cause ?? error);
    const message = `${variable} cannot be used: ${reason}`;
    if (isPermanent) throw new ConfigurationError([message]);
    if (error.code === 'SERVICE_UNAVAILABLE') throw new Error(`${message}.`, { cause: thrown });
    throw error;
  }
}
