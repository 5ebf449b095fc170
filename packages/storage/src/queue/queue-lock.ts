import { sleep } from '@prodigon/contracts';
import { ConfigurationError } from '@prodigon/platform/configuration';
import type { JobQueue } from '@prodigon/ports';
import pg from 'pg';
import { databaseError } from '../database-errors.ts';

export interface QueueLockOptions {
  readonly url: string;
  /** Whether the queue supports several workers. An exclusive lock excludes all others. */
  readonly isShared: boolean;
}

export interface QueueLock {
  /** Acquires the lock, or keeps it. Returns false while another worker's lock excludes this one. */
  acquire(): Promise<boolean>;
  close(): Promise<void>;
}

/** Arbitrary, but the same for all workers. */
const LOCK_KEY = 0x70726f64;
/** The lock of a crashed worker ends when the database notices the closed connection. */
const ATTEMPTS_MAX = 20;
const RETRY_AFTER_MS = 100;

/**
 * Creates a lock that keeps a single-worker queue apart from all other workers. It is an advisory lock of the
 * database, so it ends with the connection of this process and depends on no clock.
 */
export function createQueueLock({ url, isShared }: QueueLockOptions): QueueLock {
  let holder: pg.Client | undefined;
  return {
    async acquire() {
      if (holder) return true;
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true });
      const release = () => {
        if (holder === client) holder = undefined;
      };
      client.on('error', release).on('end', release);
      await client.connect();
      const { rows } = await client.query<{ taken: boolean }>(
        `select ${isShared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock'}($1) as taken`,
        [LOCK_KEY],
      );
      if (rows[0]?.taken) holder = client;
      else await client.end();
      return holder !== undefined;
    },
    async close() {
      await holder?.end();
    },
  };
}

/** Opens the lock of this worker. Throws a `ConfigurationError` when another worker of the database excludes it. */
export async function openQueueLock(options: QueueLockOptions): Promise<QueueLock> {
  const lock = createQueueLock(options);
  for (let attempts = 1; !(await lock.acquire()); attempts += 1) {
    if (attempts === ATTEMPTS_MAX) {
      throw new ConfigurationError([
        options.isShared
          ? 'Another worker of this database has QUEUE_TYPE=memory, which serves one worker only'
          : 'QUEUE_TYPE is memory, which serves one worker only, and another worker of this database is running',
      ]);
    }
    await sleep(RETRY_AFTER_MS);
  }
  return lock;
}

/** Wraps a queue so that it claims nothing while the lock is lost, e.g. after a restart of the database. */
export function createLockedQueue(queue: JobQueue, lock: QueueLock): JobQueue {
  return {
    ...queue,
    async claim(session, max) {
      const isLocked = await lock.acquire().catch((thrown: unknown) => {
        throw databaseError(thrown);
      });
      return isLocked ? queue.claim(session, max) : [];
    },
  };
}
