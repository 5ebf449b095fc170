import type { ItemError } from '@prodigon/contracts';
import { type Kysely, sql } from 'kysely';
import type { Database, ItemRowStatus, StopReason } from './database-schema.ts';

/** How an item ends that is not begun any more. */
export const GIVEN_UP: Record<StopReason, { readonly status: ItemRowStatus; readonly error: ItemError | null }> = {
  cancelled: { status: 'cancelled', error: null },
  expired: { status: 'expired', error: { code: 'BATCH_EXPIRED', message: 'The job expired before this prompt was answered.' } },
  halted: {
    status: 'failed',
    error: { code: 'JOB_HALTED', message: 'Not tried, because too many prompts of this job had failed in a row.' },
  },
};

/** Ends what waits of a job, which the caller has locked; what is in flight stays. */
export async function giveUpWaiting(trx: Kysely<Database>, jobId: string, reason: StopReason): Promise<void> {
  const { status, error } = GIVEN_UP[reason];
  const { numUpdatedRows } = await trx
    .updateTable('worker.job_items as i')
    .from('worker.jobs as j')
    .whereRef('j.id', '=', 'i.job_id')
    .where('i.job_id', '=', jobId)
    .where('i.status', 'in', ['pending', 'retrying'])
    .set((eb) => ({
      status,
      completed_at: sql<Date>`clock_timestamp()`,
      next_attempt_at: null,
      error_code: error?.code ?? null,
      error_message: error?.message ?? null,
      change: eb('j.sequence', '+', 1),
    }))
    .executeTakeFirst();
  const count = Number(numUpdatedRows);
  const column = status === 'failed' ? 'failed' : 'cancelled';
  await trx
    .updateTable('worker.jobs')
    .where('id', '=', jobId)
    .set((eb) => ({ sequence: eb('sequence', '+', 1), [column]: eb(column, '+', count) }))
    .execute();
}
