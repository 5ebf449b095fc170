import type { Lease, LeaseStore, WorkerSession } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translatingErrors } from './database-errors.ts';
import type { Database } from './database-schema.ts';
import { recordOutcomes } from './record-results.ts';
import { sweep } from './sweep.ts';

/** The ledger in PostgreSQL. Every comparison of times happens there, by its one clock. */
export function createPostgresLeaseStore(db: Kysely<Database>): LeaseStore {
  return translatingErrors<LeaseStore>({
    async openSession({ id, name, leaseMs }) {
      await db
        .insertInto('worker.workers')
        .values({ id, name, lease_expires_at: leaseEnd(leaseMs), ended_at: null })
        // Sent again, because the answer to the first time was lost.
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ lease_expires_at: leaseEnd(leaseMs) }))
        .execute();
    },

    async renewSession({ id, leaseMs }) {
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
        const held = await heldBy(trx, id);
        await recordOutcomes(
          trx,
          held.map((item) => ({ item, workerId: id, outcome: { type: 'released' } })),
        );
      });
    },

    findHeldLeases: ({ id }) => heldBy(db, id),

    async recordResults(session, settlements) {
      const held = await db.transaction().execute((trx) => {
        return recordOutcomes(
          trx,
          settlements.map((settlement) => ({ ...settlement, workerId: session.id })),
        );
      });
      const recorded = new Set(held.map(({ job_id, index, lease }) => `${job_id}:${index}:${lease}`));
      const refused = settlements
        .map(({ item }) => item)
        .filter(({ jobId, index, lease }) => !recorded.has(`${jobId}:${index}:${lease}`));
      return { refused };
    },

    async findStoppedJobs(jobIds) {
      const going = await db
        .selectFrom('worker.jobs')
        .select('id')
        .where('id', 'in', [...jobIds])
        .where('status', 'in', ['queued', 'running'])
        .execute();
      const ids = new Set(going.map(({ id }) => id));
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

    sweep: ({ retentionDays }) => sweep(db, retentionDays),

    async measureDepth() {
      const { rows: workers } = await sql<{ name: string; running: number; last_seen_ms: number }>`
        select w.name, count(i.job_id) as running,
          (extract(epoch from clock_timestamp() - w.seen_at) * 1000)::float8 as last_seen_ms
        from worker.workers w left join worker.job_items i on i.worker_id = w.id and i.status = 'running'
        where w.ended_at is null group by w.id order by w.started_at
      `.execute(db);
      const { rows } = await sql<{ unsettled: number; oldest_ms: number }>`
        select coalesce(sum(total - succeeded - failed - cancelled), 0) as unsettled,
          coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::float8 as oldest_ms
        from worker.jobs where completed_at is null
      `.execute(db);
      const running = workers.reduce((sum, worker) => sum + worker.running, 0);
      return {
        waiting: Math.max(0, (rows[0]?.unsettled ?? 0) - running),
        running,
        oldestMs: Math.round(rows[0]?.oldest_ms ?? 0),
        workers: workers.map(({ name, last_seen_ms, ...rest }) => ({
          name,
          running: rest.running,
          lastSeenMs: Math.round(last_seen_ms),
        })),
      };
    },
  });
}

async function heldBy(db: Kysely<Database>, workerId: string): Promise<readonly Lease[]> {
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
