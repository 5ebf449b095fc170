import { type Configuration, ConfigurationError } from '@prodigon/platform/configuration';
import type { JobChangeFeed, JobQueue, JobStore, LeaseStore } from '@prodigon/ports';
import { explainConnectionError } from './connection-errors.ts';
import { createDatabase, databaseError } from './create-database.ts';
import { createDatabaseCheck, type DatabaseCheck } from './database-check.ts';
import { createDiskCheck } from './disk-space.ts';
import { createJobChangeFeed } from './job-change-feed.ts';
import { createLockConnection } from './lock-connection.ts';
import { createPostgresJobStore } from './postgres-job-store.ts';
import { createPostgresLeaseStore } from './postgres-lease-store.ts';
import { createMemoryJobQueue } from './queue/memory-job-queue.ts';
import { createLockedQueue, createPostgresJobQueue, openQueueLock } from './queue/postgres-job-queue.ts';
import { migrateDatabase } from './run-migrations.ts';
import { createSessionLock } from './session-lock.ts';

export interface JobStorage {
  readonly jobStore: JobStore;
  readonly leaseStore: LeaseStore;
  readonly queue: JobQueue;
  readonly changeFeed: JobChangeFeed;
  readonly check: DatabaseCheck;
  close(): Promise<void>;
}

/**
 * Migrates the database of batch jobs and opens it with the configured queue. Throws a `ConfigurationError` without a
 * database, or when the queue of another worker excludes this one.
 */
export async function openJobStorage(configuration: Configuration): Promise<JobStorage> {
  const { DATABASE_URL, QUEUE_TYPE } = configuration;
  if (DATABASE_URL === undefined) {
    throw new ConfigurationError([
      'DATABASE_URL is not set. `npm start` and `make run-worker` start a database; a worker by itself needs one',
    ]);
  }
  await migrate(DATABASE_URL);
  const isShared = QUEUE_TYPE !== 'memory';
  const connection = createLockConnection(DATABASE_URL);
  const lock = await openQueueLock({ connection, isShared }).catch(async (thrown: unknown) => {
    await connection.close();
    throw thrown;
  });
  const { db, close } = createDatabase({ url: DATABASE_URL, isDiskFull: createDiskCheck(configuration) });
  const changeFeed = createJobChangeFeed({ url: DATABASE_URL });
  return {
    changeFeed,
    jobStore: createPostgresJobStore(db),
    leaseStore: createPostgresLeaseStore(db, createSessionLock(connection)),
    queue: createLockedQueue(isShared ? createPostgresJobQueue(db) : createMemoryJobQueue(db), lock),
    check: createDatabaseCheck(db),
    async close() {
      await connection.close();
      await close();
    },
  };
}

async function migrate(url: string): Promise<void> {
  try {
    await migrateDatabase(url);
  } catch (thrown) {
    const { code, cause } = databaseError(thrown);
    const { reason, isPermanent } = explainConnectionError(url, (cause as NodeJS.ErrnoException | undefined)?.code);
    const message = `DATABASE_URL cannot be used: ${reason}`;
    if (isPermanent) throw new ConfigurationError([message]);
    if (code === 'SERVICE_UNAVAILABLE') throw new Error(`${message}.`, { cause });
    throw thrown;
  }
}
