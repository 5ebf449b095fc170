import { setTimeout as wait } from 'node:timers/promises';
import { type Configuration, ConfigurationError } from '@prodigon/platform/configuration';
import type { JobQueue, JobStore, LeaseStore } from '@prodigon/ports';
import { sql } from 'kysely';
import { createDatabase } from './create-database.ts';
import { databaseError } from './database-errors.ts';
import { createPostgresJobStore } from './postgres-job-store.ts';
import { createPostgresLeaseStore } from './postgres-lease-store.ts';
import { createMemoryJobQueue } from './queue/memory-job-queue.ts';
import { createPostgresJobQueue } from './queue/postgres-job-queue.ts';
import { QueueLock } from './queue/queue-lock.ts';
import { migrateDatabase } from './run-migrations.ts';
import { explainConnectionError } from './unusable-database.ts';

export interface JobStorage {
  readonly jobStore: JobStore;
  readonly leaseStore: LeaseStore;
  readonly queue: JobQueue;
  /** Whether the database answers. Never throws. */
  check(): Promise<{ ok: boolean; detail?: string }>;
  close(): Promise<void>;
}

/** A worker that crashed leaves its lock as soon as the database has noticed. */
const LOCK_TRIES = 20;
const LOCK_TRY_EVERY_MS = 100;
const CHECK_WITHIN_MS = 1_000;

/**
 * The database of batch jobs, with its tables up to date, and the queue that is configured. Throws a
 * `ConfigurationError` without a database, or beside a worker that does not share its queue.
 */
export async function openJobStorage({ DATABASE_URL, QUEUE_TYPE }: Configuration): Promise<JobStorage> {
  if (DATABASE_URL === undefined) {
    throw new ConfigurationError([
      'DATABASE_URL is not set. `npm start` and `make run-worker` bring a database; a worker by itself needs one',
    ]);
  }
  await migrate(DATABASE_URL);
  const isShared = QUEUE_TYPE !== 'memory';
  const lock = new QueueLock({ url: DATABASE_URL, isShared });
  await takeLock(lock, isShared);
  const { db, close } = createDatabase({ url: DATABASE_URL });
  return {
    jobStore: createPostgresJobStore(db),
    leaseStore: createPostgresLeaseStore(db),
    queue: lockedQueue(isShared ? createPostgresJobQueue(db) : createMemoryJobQueue(db), lock),
    async check() {
      const asked = sql`select 1`.execute(db).then(() => ({ ok: true }));
      const late = wait(CHECK_WITHIN_MS, { ok: false, detail: 'It did not answer within a second.' }, { ref: false });
      return Promise.race([asked, late]).catch(() => ({ ok: false, detail: 'It cannot be reached.' }));
    },
    async close() {
      await lock.close();
      await close();
    },
  };
}

async function migrate(url: string): Promise<void> {
  try {
    await migrateDatabase(url);
  } catch (thrown) {
    const { code, cause } = databaseError(thrown);
    const { why, isLasting } = explainConnectionError(url, (cause as NodeJS.ErrnoException | undefined)?.code);
    const sentence = `DATABASE_URL cannot be used: ${why}`;
    if (isLasting) throw new ConfigurationError([sentence]);
    if (code === 'SERVICE_UNAVAILABLE') throw new Error(`${sentence}.`, { cause });
    throw thrown;
  }
}

async function takeLock(lock: QueueLock, isShared: boolean): Promise<void> {
  for (let tries = 1; !(await lock.acquire()); tries += 1) {
    if (tries === LOCK_TRIES) {
      throw new ConfigurationError([
        isShared
          ? 'Another worker of this database has QUEUE_TYPE=memory, which serves one worker only'
          : 'QUEUE_TYPE is memory, which serves one worker only, and another worker of this database is running',
      ]);
    }
    await wait(LOCK_TRY_EVERY_MS);
  }
}

/** Gives out nothing while the lock is lost, e.g. after the database was started again. */
function lockedQueue(queue: JobQueue, lock: QueueLock): JobQueue {
  return {
    ...queue,
    async claim(session, max) {
      const isOurs = await lock.acquire().catch((thrown: unknown) => {
        throw databaseError(thrown);
      });
      return isOurs ? queue.claim(session, max) : [];
    },
  };
}
