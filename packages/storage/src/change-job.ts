import { AppError } from '@prodigon/contracts';
import { type Kysely, sql } from 'kysely';
import { MINUTES_PER_PRIORITY } from './create-job.ts';
import type { Database } from './database-schema.ts';
import { finishJobs } from './finish-jobs.ts';
import { giveUpWaiting } from './give-up-waiting.ts';

/** Gives up what waits of a job; it is over when nothing is in flight any more. Does nothing to one that stops already. */
export function endJob(db: Kysely<Database>, ownerId: string, jobId: string): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const job = await lockJob(trx, ownerId, jobId);
    if (job.completed_at !== null || job.stop_reason === 'cancelled') return;
    await trx.updateTable('worker.jobs').set({ status: 'stopping', stop_reason: 'cancelled' }).where('id', '=', jobId).execute();
    await giveUpWaiting(trx, jobId, 'cancelled');
    await finishJobs(trx, [jobId]);
  });
}

/** Puts everything without an answer back to the beginning. */
export function retryJob(db: Kysely<Database>, ownerId: string, jobId: string): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const job = await lockJob(trx, ownerId, jobId);
    if (job.completed_at === null) throw new AppError('CONFLICT', 'The job still goes on. Wait for its end, or cancel it first.');
    if (job.succeeded === job.total) throw new AppError('CONFLICT', 'Every prompt of this job has an answer.');
    await sql`
      update worker.job_items i set
        status = 'pending', failures = 0, leases_lost = 0, worker_id = null, started_at = null, completed_at = null,
        wait_ms = null, latency_ms = null, error_code = null, error_message = null, rank = now() - j.priority * ${MINUTES_PER_PRIORITY}::int * interval '1 minute',
        change = j.sequence + 1
      from worker.jobs j
      where j.id = ${jobId} and i.job_id = j.id and i.status in ('failed', 'cancelled', 'expired')
    `.execute(trx);
    await sql`
      update worker.jobs set
        status = 'queued', stop_reason = null, failed = 0, cancelled = 0, failures_in_a_row = 0, settled_before = succeeded,
        sequence = sequence + 1, error = null, started_at = null, completed_at = null,
        expires_at = now() + (expires_at - created_at)
      where id = ${jobId}
    `.execute(trx);
  });
}

async function lockJob(trx: Kysely<Database>, ownerId: string, jobId: string) {
  const job = await trx
    .selectFrom('worker.jobs')
    .select(['completed_at', 'stop_reason', 'succeeded', 'total'])
    .where('owner_id', '=', ownerId)
    .where('id', '=', jobId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!job) throw new AppError('JOB_NOT_FOUND');
  return job;
}
