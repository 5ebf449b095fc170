import { type Kysely, sql } from 'kysely';
import type { Database } from './database-schema.ts';
import { giveUpWaiting } from './give-up-waiting.ts';

/** After so many failures with no success between them, the rest of a job is not tried. */
const FAILURES_IN_A_ROW_MAX = 50;

/** Stops those of the jobs that only fail: what is wrong will not be right for the next thousand prompts. */
export async function brakeJobs(trx: Kysely<Database>, jobIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    update worker.jobs set status = 'stopping', stop_reason = 'halted',
      error = 'Stopped after ' || failures_in_a_row || ' failures in a row.'
    where id = any(${jobIds}::uuid[]) and stop_reason is null and failures_in_a_row >= ${FAILURES_IN_A_ROW_MAX}
      and succeeded + failed + cancelled < total
    returning id
  `.execute(trx);
  for (const { id } of rows) await giveUpWaiting(trx, id, 'halted');
}
