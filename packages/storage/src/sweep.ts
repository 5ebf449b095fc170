import type { SweepReport } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database-schema.ts';
import { finishJobs } from './finish-jobs.ts';
import { giveUpWaiting } from './give-up-waiting.ts';
import { recordOutcomes } from './record-results.ts';

/** So many in one transaction: none is long, and what is left is found by the next sweep. */
const ITEMS_AT_ONCE = 1_000;
const JOBS_AT_ONCE = 20;

/** Puts in order what nobody else will: several workers may do it at the same time. */
export async function sweep(db: Kysely<Database>, retentionDays: number): Promise<SweepReport> {
  return {
    requeued: await requeueLost(db),
    expiredJobs: await expireJobs(db),
    purgedJobs: await purge(db, retentionDays),
  };
}

/** Items whose worker has ended, or has been silent for longer than its lease. */
async function requeueLost(db: Kysely<Database>): Promise<number> {
  await sql`
    update worker.workers set ended_at = clock_timestamp() where ended_at is null and lease_expires_at < clock_timestamp()
  `.execute(db);
  const { rows: lost } = await sql<{ job_id: string; index: number; lease: number; worker_id: string; leases_lost: number }>`
    select i.job_id, i.index, i.lease, i.worker_id, i.leases_lost
    from worker.job_items i join worker.workers w on w.id = i.worker_id
    where i.status = 'running' and w.ended_at is not null
    order by i.job_id, i.index limit ${ITEMS_AT_ONCE}
  `.execute(db);
  if (lost.length === 0) return 0;
  const held = await db.transaction().execute((trx) =>
    recordOutcomes(
      trx,
      lost.map(({ job_id, index, lease, worker_id, leases_lost }) => ({
        item: { jobId: job_id, index, lease },
        workerId: worker_id,
        outcome: { type: 'lost', leasesLost: leases_lost },
      })),
    ),
  );
  return held.length;
}

async function expireJobs(db: Kysely<Database>): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const jobs = await trx
      .selectFrom('worker.jobs')
      .select('id')
      .where('completed_at', 'is', null)
      .where('stop_reason', 'is', null)
      .where('expires_at', '<', sql<Date>`clock_timestamp()`)
      .orderBy('id')
      .limit(JOBS_AT_ONCE)
      .forNoKeyUpdate()
      .skipLocked()
      .execute();
    for (const { id } of jobs) {
      await trx.updateTable('worker.jobs').set({ status: 'stopping', stop_reason: 'expired' }).where('id', '=', id).execute();
      await giveUpWaiting(trx, id, 'expired');
    }
    if (jobs.length > 0)
      await finishJobs(
        trx,
        jobs.map(({ id }) => id),
      );
    return jobs.length;
  });
}

/** Jobs beyond their retention, and what only served them. */
async function purge(db: Kysely<Database>, retentionDays: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('worker.jobs')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('worker.jobs')
        .select('id')
        .where('completed_at', '<', sql<Date>`clock_timestamp() - ${retentionDays}::int * interval '1 day'`)
        .orderBy('completed_at')
        .limit(JOBS_AT_ONCE)
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
