import { sleep } from '@prodigon/contracts';
import { ConfigurationError } from '@prodigon/platform/configuration';
import type { ItemId, JobQueue, LeasedItem, WorkerSession } from '@prodigon/ports';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type pg from 'pg';
import { databaseError, translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';
import type { LockConnection } from '../lock-connection.ts';

/**
 * Creates a queue over the rows of the items. A claim walks the index of pending items and takes an equal share of
 * each owner. It skips rows that another worker is claiming. Its cost depends on the number of claimed items, not on
 * the length of the queue.
 */
export function createPostgresJobQueue(db: Kysely<Database>): JobQueue {
  /** Owner with the last turn. */
  let lastOwner = '';

  return translateErrors<JobQueue>({
    notify() {},
    async claim(session, max) {
      const items = await claimItems(db, session, selectRoundRobin({ lastOwner, max, isLocking: true }));
      const owners = new Set(items.map(({ ownerId }) => ownerId));
      lastOwner = findLastTurn(owners, lastOwner) ?? lastOwner;
      return items;
    },
  });
}

/** Returns the last of the owners in the order of their turns, which began after `lastOwner`. */
export function findLastTurn(owners: ReadonlySet<string>, lastOwner: string): string | undefined {
  const inOrder = [...owners].sort(compareCodeUnits);
  return inOrder.findLast((owner) => owner <= lastOwner) ?? inOrder.at(-1);
}

function compareCodeUnits(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Maximum owners in one selection. The next selection begins with the remaining ones. */
const OWNERS_PER_SELECTION = 1_000;

interface RoundRobinSelection {
  /** Owner with the last turn. The selection begins with the owner after it, in the order of their ids, and wraps around. */
  readonly lastOwner: string;
  readonly max: number;
  /** Whether to lock the selected rows and skip rows that others have locked. */
  readonly isLocking: boolean;
}

/** Selects up to `max` pending items: an equal share for each owner, by priority and then by age. */
export function selectRoundRobin({ lastOwner, max, isLocking }: RoundRobinSelection): RawBuilder<ItemId> {
  const owners = Math.min(max, OWNERS_PER_SELECTION);
  return sql<ItemId>`
    with recursive after_last(owner_id, number) as (
      (select owner_id, 1 from worker.job_items where status = 'pending' and owner_id > ${lastOwner} order by owner_id limit 1)
      union all
      select next.owner_id, b.number + 1 from after_last b cross join lateral (
        select owner_id from worker.job_items where status = 'pending' and owner_id > b.owner_id order by owner_id limit 1
      ) next where b.number < ${owners}
    ), up_to_last(owner_id, number) as (
      (select owner_id, 1 from worker.job_items where status = 'pending' and owner_id <= ${lastOwner} order by owner_id limit 1)
      union all
      select next.owner_id, b.number + 1 from up_to_last b cross join lateral (
        select owner_id from worker.job_items
        where status = 'pending' and owner_id > b.owner_id and owner_id <= ${lastOwner} order by owner_id limit 1
      ) next where b.number < ${owners}
    ), owners as materialized (
      select owner_id, turn from (
        select owner_id, number as turn from after_last union all select owner_id, ${owners} + number from up_to_last
      ) waiting order by turn limit ${owners}
    ), share as (
      select ceil(${max}::numeric / greatest(count(*), 1))::int as size from owners
    )
    select picked.job_id, picked.index from owners o cross join share cross join lateral (
      select i.job_id, i.index from worker.job_items i
      where i.status = 'pending' and i.owner_id = o.owner_id
      order by i.rank, i.job_id, i.index limit share.size ${isLocking ? sql`for update skip locked` : sql``}
    ) picked order by o.turn limit ${max}
  `;
}

/** Selects the items with these ids. */
export function selectItemIds(ids: readonly ItemId[]): RawBuilder<ItemId> {
  return sql<ItemId>`select job_id, index from unnest(
    ${ids.map(({ jobId }) => jobId)}::uuid[], ${ids.map(({ index }) => index)}::int[]
  ) as t(job_id, index)`;
}

interface LeasedRow {
  readonly job_id: string;
  readonly index: number;
  readonly owner_id: string;
  readonly lease: number;
  readonly attempts: number;
  readonly failures: number;
  readonly prompt: string;
  readonly wait_ms: number;
  readonly started_at: Date;
}

/**
 * Leases the pending items that `selection` returns (rows of `job_id`, `index`) to a session, in one statement. Leases
 * none when the session has expired.
 */
export async function claimItems(
  db: Kysely<Database>,
  session: WorkerSession,
  selection: RawBuilder<ItemId>,
): Promise<readonly LeasedItem[]> {
  const { rows } = await sql<LeasedRow>`
    with picked as materialized (${selection})
    update worker.job_items i set
      status = 'running', worker_id = ${session.id}, lease = i.lease + 1, attempts = i.attempts + 1,
      started_at = clock_timestamp(),
      wait_ms = coalesce(i.wait_ms, extract(epoch from clock_timestamp() - j.created_at) * 1000)
    from picked p, worker.jobs j
    where i.job_id = p.job_id and i.index = p.index and i.status = 'pending' and j.id = i.job_id
      and exists (
        select 1 from worker.workers w where w.id = ${session.id} and w.ended_at is null and w.lease_expires_at > clock_timestamp()
      )
    returning i.job_id, i.index, i.owner_id, i.lease, i.attempts, i.failures, i.prompt, i.wait_ms, i.started_at
  `.execute(db);
  if (rows.length === 0) return [];
  const startedAt = new Map<string, Date>();
  for (const { job_id, started_at } of rows) {
    const first = startedAt.get(job_id);
    if (!first || started_at < first) startedAt.set(job_id, started_at);
  }
  const jobs = await startJobs(db, startedAt);
  // UPDATE returns rows in arbitrary order. The order by index interleaves jobs that share a claim.
  return rows
    .toSorted((one, other) => one.index - other.index)
    .flatMap((row) => {
      const job = jobs.get(row.job_id);
      return job ? [toLeasedItem(row, job)] : [];
    });
}

/** What the items of a job have in common. */
type JobOfItem = Pick<LeasedItem, 'keyId' | 'options'>;

/**
 * Marks jobs as running since their first item and returns what their items have in common. This is a separate statement to prevent deadlocks: claiming locks
 * items only, while all other transactions lock the job before its items.
 */
async function startJobs(db: Kysely<Database>, startedAt: ReadonlyMap<string, Date>): Promise<Map<string, JobOfItem>> {
  const jobIds = [...startedAt.keys()];
  await sql`
    update worker.jobs j set status = 'running', started_at = s.started_at
    from unnest(${jobIds}::uuid[], ${[...startedAt.values()]}::timestamptz[]) as s(id, started_at)
    where j.id = s.id and j.status = 'pending'
  `.execute(db);
  const jobs = await db
    .selectFrom('worker.jobs')
    .select(['id', 'key_id', 'model', 'max_tokens', 'temperature', 'system_prompt'])
    .where('id', 'in', jobIds)
    .execute();
  return new Map(
    jobs.map(({ id, key_id, model, max_tokens, temperature, system_prompt }) => [
      id,
      {
        keyId: key_id ?? undefined,
        options: {
          model: model ?? undefined,
          max_tokens: max_tokens ?? undefined,
          temperature: temperature ?? undefined,
          system_prompt: system_prompt ?? undefined,
        },
      },
    ]),
  );
}

function toLeasedItem(row: LeasedRow, { keyId, options }: JobOfItem): LeasedItem {
  return {
    jobId: row.job_id,
    index: row.index,
    lease: row.lease,
    ownerId: row.owner_id,
    keyId,
    attempt: row.attempts,
    failures: row.failures,
    prompt: row.prompt,
    options,
    waitMs: row.wait_ms,
  };
}

export interface QueueLockOptions {
  readonly connection: LockConnection;
  /** Whether the queue supports several workers. An exclusive lock excludes all others. */
  readonly isShared: boolean;
}

export interface QueueLock {
  /** Acquires the lock, or keeps it. Returns false while another worker's lock excludes this one. */
  acquire(): Promise<boolean>;
}

/** Arbitrary, but the same for all workers. */
const LOCK_KEY = 0x70726f64;
/** The lock of a crashed worker ends when the database notices the closed connection. */
const LOCK_ATTEMPTS_MAX = 20;
const RETRY_DELAY_MS = 100;

/**
 * Creates a lock that excludes all other workers while a single-worker queue is in use. It is an advisory lock of the
 * database, so it ends with the connection of this process and depends on no clock.
 */
export function createQueueLock({ connection, isShared }: QueueLockOptions): QueueLock {
  let holder: pg.Client | undefined;
  return {
    async acquire() {
      const client = await connection.open();
      if (holder === client) return true;
      const { rows } = await client.query<{ taken: boolean }>(
        `select ${isShared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock'}($1) as taken`,
        [LOCK_KEY],
      );
      if (!rows[0]?.taken) return false;
      holder = client;
      return true;
    },
  };
}

/** Opens the lock of this worker. Throws a `ConfigurationError` when another worker of the database excludes it. */
export async function openQueueLock(options: QueueLockOptions): Promise<QueueLock> {
  const lock = createQueueLock(options);
  for (let attempts = 1; !(await lock.acquire()); attempts += 1) {
    if (attempts === LOCK_ATTEMPTS_MAX) {
      throw new ConfigurationError([
        options.isShared
          ? 'Another worker of this database has QUEUE_TYPE=memory, which serves one worker only'
          : 'QUEUE_TYPE is memory, which serves one worker only, and another worker of this database is running',
      ]);
    }
    await sleep(RETRY_DELAY_MS);
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
