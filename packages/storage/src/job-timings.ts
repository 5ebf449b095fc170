import type { JobAttempt, JobTimings } from '@prodigon/contracts';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database-schema.ts';

const ATTEMPTS_MAX = 2_000;
const MODELS_MAX = 10;

/** Measures the succeeded items of a job, and reads the attempts in the last minute before its end, or before now. */
export async function readJobTimings(db: Kysely<Database>, jobId: string): Promise<JobTimings> {
  const { rows: measured } = await sql<{ count: number; wait_ms: number[] | null; run_ms: number[] | null }>`
    select count(*) as count,
      percentile_cont(array[0.5, 0.95]) within group (order by wait_ms) as wait_ms,
      percentile_cont(array[0.5, 0.95]) within group (order by latency_ms) as run_ms
    from worker.job_items where job_id = ${jobId} and status = 'succeeded'
  `.execute(db);
  const { rows: models } = await sql<{ model: string }>`
    select model from worker.job_items where job_id = ${jobId} and status = 'succeeded' and model is not null
    group by model order by count(*) desc, model limit ${MODELS_MAX}
  `.execute(db);
  const { rows: attempts } = await sql<AttemptRow>`
    with attempts as (
      select index, attempts as attempt, worker_id, started_at,
        case when status = 'running' then null
          else least(completed_at, started_at + latency_ms * interval '1 ms') end as ended_at,
        case when status in ('cancelled', 'expired') then 'stopped' else status end as outcome
      from worker.job_items
      where job_id = ${jobId} and started_at is not null and status not in ('pending', 'retrying')
      union all
      select index, attempt, worker_id, started_at, ended_at, outcome from worker.job_attempts where job_id = ${jobId}
    )
    select a.index, a.attempt, w.name as worker, a.started_at, a.ended_at, a.outcome
    from attempts a join worker.workers w on w.id = a.worker_id
    where coalesce(a.ended_at, 'infinity') >=
      (select coalesce(completed_at, clock_timestamp()) from worker.jobs where id = ${jobId}) - interval '1 minute'
    order by a.started_at desc, a.index limit ${ATTEMPTS_MAX}
  `.execute(db);
  const [{ count = 0, wait_ms = null, run_ms = null } = {}] = measured;
  return {
    measured_prompts: count,
    models: models.map(({ model }) => model),
    wait_ms: toQuantiles(wait_ms),
    run_ms: toQuantiles(run_ms),
    attempts: attempts.reverse().map(toAttempt),
  };
}

interface AttemptRow {
  readonly index: number;
  readonly attempt: number;
  readonly worker: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly outcome: JobAttempt['outcome'];
}

function toAttempt({ started_at, ended_at, ...attempt }: AttemptRow): JobAttempt {
  return { ...attempt, started_at: started_at.toISOString(), ended_at: ended_at?.toISOString() ?? null };
}

function toQuantiles(values: readonly number[] | null): JobTimings['wait_ms'] {
  const [p50, p95] = values ?? [];
  return p50 === undefined || p95 === undefined || p50 === null || p95 === null ? null : { p50, p95 };
}
