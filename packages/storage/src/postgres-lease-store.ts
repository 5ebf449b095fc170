import type { Lease, LeaseStore, WorkerSession } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translateErrors } from './create-database.ts';
import type { Database } from './database-schema.ts';
import { expireJobs } from './job-transitions.ts';
import { recordResults } from './record-results.ts';
import { isSessionLocked, type SessionLock } from './session-lock.ts';

/** Rows per transaction, to keep transactions short. The next sweep finds the rest. */
const ITEMS_PER_SWEEP = 1_000;
const JOBS_PER_SWEEP = 20;

/**
 * How long a session continues after its process has lost the lock, so that a running worker can reconnect after a
 * restart of the database.
 */
const RECONNECT_MS = 1_500;

/**
 * Creates a lease store in PostgreSQL. All comparisons of times use the clock of the database. With a `lock`, the
 * session of a killed worker ends shortly after its connection, otherwise at the end of its lease.
 */
export function createPostgresLeaseStore(db: Kysely<Database>, lock?: SessionLock): LeaseStore {
  let onDisconnected: () => void = () => {};
  return translateErrors<LeaseStore>({
    async openSession(session, onLost = () => {}) {
      onDisconnected = onLost;
      await lock?.hold(session, onDisconnected);
      const { id, name, leaseMs } = session;
      await db
        .insertInto('worker.workers')
        .values({ id, name, lease_expires_at: leaseEnd(leaseMs), has_lock: lock !== undefined, ended_at: null })
        // The first request succeeded, but its response was lost.
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ lease_expires_at: leaseEnd(leaseMs) }))
        .execute();
    },

    async renewSession(session) {
      await lock?.hold(session, onDisconnected);
      const { id, leaseMs } = session;
      const { numUpdatedRows } = await db
        .updateTable('worker.workers')
        .set({ lease_expires_at: leaseEnd(leaseMs), seen_at: sql<Date>`clock_timestamp()` })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async closeSession({ id }) {
      await db.transaction().execute(async (trx) => {
        await trx.updateTable('worker.workers').set({ ended_at: sql<Date>`clock_timestamp()` }).where('id', '=', id).execute();
        const held = await findLeases(trx, id);
        await recordResults(
          trx,
          held.map((item) => ({ item, workerId: id, outcome: { type: 'requeued' } })),
        );
      });
    },

    findHeldLeases: ({ id }) => findLeases(db, id),

    async recordResults(session, results) {
      const withWorker = results.map((result) => ({ ...result, workerId: session.id }));
      const recorded = await db.transaction().execute((trx) => recordResults(trx, withWorker));
      const keys = new Set(recorded.map(leaseKey));
      return { rejected: results.map(({ item }) => item).filter((lease) => !keys.has(leaseKey(lease))) };
    },

    async findStoppedJobs(jobIds) {
      const active = await db
        .selectFrom('worker.jobs')
        .select('id')
        .where('id', 'in', [...jobIds])
        .where('completed_at', 'is', null)
        .where('stop_reason', 'is', null)
        .execute();
      const ids = new Set(active.map(({ id }) => id));
      return new Set(jobIds.filter((id) => !ids.has(id)));
    },

    async promoteDelayed() {
      const { numUpdatedRows } = await db
        .updateTable('worker.job_items')
        .set({ status: 'pending', next_attempt_at: null })
        .where('status', '=', 'retrying')
        .where('next_attempt_at', '<=', sql<Date>`clock_timestamp()`)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },

    requeueOrphaned: () => requeueOrphaned(db),

    async sweep({ retentionDays }) {
      return {
        requeued: await requeueOrphaned(db),
        expiredJobs: await expireJobs(db, JOBS_PER_SWEEP),
        purgedJobs: await purge(db, retentionDays),
      };
    },

    async measureDepth() {
      const { rows: workers } = await sql<{ name: string; running: number; last_seen_ms: number }>`
        select w.name, count(i.job_id) as running,
          (extract(epoch from clock_timestamp() - w.seen_at) * 1000)::float8 as last_seen_ms
        from worker.workers w left join worker.job_items i on i.worker_id = w.id and i.status = 'running'
        where w.ended_at is null group by w.id order by w.started_at
      `.execute(db);
      const { rows } = await sql<{ unfinished: number; oldest_ms: number }>`
        select coalesce(sum(total - succeeded - failed - cancelled), 0) as unfinished,
          coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::float8 as oldest_ms
        from worker.jobs where completed_at is null
      `.execute(db);
      const running = workers.reduce((sum, worker) => sum + worker.running, 0);
      return {
        waiting: Math.max(0, (rows[0]?.unfinished ?? 0) - running),
        running,
        oldestMs: Math.round(rows[0]?.oldest_ms ?? 0),
        workers: workers.map((worker) => ({
          name: worker.name,
          running: worker.running,
          lastSeenMs: Math.round(worker.last_seen_ms),
        })),
      };
    },
  });
}

/** Requeues items whose worker has ended, lost its connection or not renewed its lease. Returns their number. */
async function requeueOrphaned(db: Kysely<Database>): Promise<number> {
  await sql`
    update worker.workers set lease_expires_at = least(lease_expires_at, ${leaseEnd(RECONNECT_MS)})
    where ended_at is null and has_lock and not ${isSessionLocked(sql`workers.id`)}
  `.execute(db);
  await sql`
    update worker.workers set ended_at = clock_timestamp() where ended_at is null and lease_expires_at < clock_timestamp()
  `.execute(db);
  const { rows: orphaned } = await sql<{ job_id: string; index: number; lease: number; worker_id: string; leases_lost: number }>`
    select i.job_id, i.index, i.lease, i.worker_id, i.leases_lost
    from worker.job_items i join worker.workers w on w.id = i.worker_id
    where i.status = 'running' and w.ended_at is not null
    order by i.job_id, i.index limit ${ITEMS_PER_SWEEP}
  `.execute(db);
  if (orphaned.length === 0) return 0;
  const requeued = await db.transaction().execute((trx) =>
    recordResults(
      trx,
      orphaned.map(({ job_id, index, lease, worker_id, leases_lost }) => ({
        item: { jobId: job_id, index, lease },
        workerId: worker_id,
        outcome: { type: 'worker-lost', leasesLost: leases_lost },
      })),
    ),
  );
  return requeued.length;
}

/** Deletes jobs, idempotency keys and workers after their retention. Returns the number of jobs. */
async function purge(db: Kysely<Database>, retentionDays: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('worker.jobs')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('worker.jobs')
        .select('id')
        .where('completed_at', '<', sql<Date>`clock_timestamp() - ${retentionDays}::int * interval '1 day'`)
        .orderBy('completed_at')
        .limit(JOBS_PER_SWEEP)
        .forUpdate()
        .skipLocked(),
    )
    .executeTakeFirst();
  await sql`delete from worker.idempotency_keys where created_at < clock_timestamp() - interval '24 hours'`.execute(db);
  await sql`
    delete from worker.workers w where ended_at < clock_timestamp() - ${retentionDays}::int * interval '1 day'
      and not exists (select 1 from worker.job_items i where i.worker_id = w.id and i.status = 'running')
  `.execute(db);
  return Number(numDeletedRows);
}

async function findLeases(db: Kysely<Database>, workerId: string): Promise<readonly Lease[]> {
  const rows = await db
    .selectFrom('worker.job_items')
    .select(['job_id', 'index', 'lease'])
    .where('status', '=', 'running')
    .where('worker_id', '=', workerId)
    .execute();
  return rows.map(({ job_id, index, lease }) => ({ jobId: job_id, index, lease }));
}

function leaseEnd(leaseMs: WorkerSession['leaseMs']) {
  return sql<Date>`clock_timestamp() + ${leaseMs}::float8 * interval '1 ms'`;
}

function leaseKey({ jobId, index, lease }: Lease): string {
  return `${jobId}:${index}:${lease}`;
}
