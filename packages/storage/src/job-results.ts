import { isTerminalJobStatus, JOB_LIMITS, type Job } from '@prodigon/contracts';
import type { Kysely } from 'kysely';
import type { Database } from './database-schema.ts';

/** Answers by index up to the first unsettled one, "" where there is none; undefined for a large job. */
export async function resultsOf(db: Kysely<Database>, job: Job): Promise<string[] | undefined> {
  if (job.total_prompts > JOB_LIMITS.inlineResultsMax) return undefined;
  const items = await db
    .selectFrom('worker.job_items')
    .select(['status', 'output'])
    .where('job_id', '=', job.job_id)
    .orderBy('index')
    .execute();
  const firstUnsettled = items.findIndex(({ status }) => status === 'pending' || status === 'running' || status === 'retrying');
  const isWhole = isTerminalJobStatus(job.status) || firstUnsettled < 0;
  return (isWhole ? items : items.slice(0, firstUnsettled)).map(({ output }) => output ?? '');
}
