import { type Kysely, sql } from 'kysely';
import type { Database } from './database-schema.ts';

/**
 * Ends those of the jobs that have nothing left to do. The caller holds their rows, so that of two
 * transactions that settle the last items one comes second and sees both.
 */
export async function finishJobs(db: Kysely<Database>, jobIds: readonly string[]): Promise<void> {
  await sql`
    update worker.jobs set
      status = case
        when stop_reason = 'cancelled' then 'cancelled'
        when stop_reason = 'expired' and cancelled > 0 then 'expired'
        when succeeded > 0 then 'completed'
        else 'failed'
      end,
      completed_at = clock_timestamp(),
      started_at = coalesce(started_at, clock_timestamp()),
      error = case when succeeded = 0 and failed > 0 then coalesce(error || ' ', '') || 'No prompt was answered. The last error: ' || (
        select error_message from worker.job_items i
        where i.job_id = jobs.id and i.attempts > 0 and i.status = 'failed' order by i.change desc nulls last limit 1
      ) else error end
    where id = any(${jobIds}::uuid[]) and completed_at is null and succeeded + failed + cancelled = total
  `.execute(db);
}
