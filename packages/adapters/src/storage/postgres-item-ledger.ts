import type { ItemLedger, WorkerSession } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translatingErrors } from './database-errors.ts';
import type { Database } from './database-schema.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { sweep } from './sweep.ts';

/** The ledger in PostgreSQL. Every comparison of times happens there, by its one clock. */
export function createPostgresItemLedger(db: Kysely<Database>): ItemLedger {
  return translatingErrors<ItemLedger>({
    async openSession({ id, name, leaseMs }) {
      await db
        .insertInto('worker.workers')
        .values({ id, name, lease_expires_at: leaseEnd(leaseMs), ended_at: null })
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
        const held = await trx
          .selectFrom('worker.job_items')
          .select(['job_id', 'index', 'lease'])
          .where('status', '=', 'running')
          .where('worker_id', '=', id)
          .execute();
        await recordOutcomes(
          trx,
          held.map(({ job_id, index, lease }) => ({
            item: { jobId: job_id, index, lease },
            workerId: id,
            outcome: { type: 'released' },
          })),
        );
      });
    },

    async settle(session, settlements) {
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

    async stopped(jobIds) {
      const going = await db
        .selectFrom('worker.jobs')
        .select('id')
        .where('id', 'in', [...jobIds])
        .where('status', 'in', ['queued', 'running'])
        .execute();
      const ids = new Set(going.map(({ id }) => id));
      return new Set(jobIds.filter((id) => !ids.has(id)));
    },

    async wakeDue() {
      const { numUpdatedRows } = await db
        .updateTable('worker.job_items')
        .set({ status: 'pending', next_attempt_at: null })
        .where('status', '=', 'retrying')
        .where('next_attempt_at', '<=', sql<Date>`clock_timestamp()`)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },

    sweep: ({ retentionDays }) => sweep(db, retentionDays),

    async depth() {
      const { rows } = await sql<{ waiting: number; running: number; oldest_ms: number }>`
        select coalesce(sum(total - succeeded - failed - cancelled), 0) - running.count as waiting,
          running.count as running,
          coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::float8 as oldest_ms
        from (select count(*) as count from worker.job_items where status = 'running') running
        left join worker.jobs on completed_at is null
        group by running.count
      `.execute(db);
      const { waiting = 0, running = 0, oldest_ms = 0 } = rows[0] ?? {};
      return { waiting: Math.max(0, waiting), running, oldestMs: Math.round(oldest_ms) };
    },
  });
}

function leaseEnd(leaseMs: WorkerSession['leaseMs']) {
  return sql<Date>`clock_timestamp() + ${leaseMs}::float8 * interval '1 ms'`;
}
