import { type Kysely, sql } from 'kysely';
import { brakeJobs } from './brake-jobs.ts';
import type { Database, StopReason } from './database-schema.ts';
import { finishJobs } from './finish-jobs.ts';
import { type RecordedOutcome, toOutcomeRow } from './result-row.ts';

interface HeldLease {
  readonly job_id: string;
  readonly index: number;
  readonly lease: number;
}

/**
 * Records what became of leased items, with the sums of their jobs, in the transaction that it is given.
 * Returns the leases that were still held. The jobs' rows are locked first and in order, which makes the
 * sequence of each job the order in which its changes are committed.
 */
export async function recordOutcomes(trx: Kysely<Database>, outcomes: readonly RecordedOutcome[]): Promise<readonly HeldLease[]> {
  if (outcomes.length === 0) return [];
  const jobIds = [...new Set(outcomes.map(({ item }) => item.jobId))];
  const stopReasons = await lockJobs(trx, jobIds);
  const rows = outcomes.flatMap((recorded) => {
    const stopReason = stopReasons.get(recorded.item.jobId);
    return stopReason === undefined ? [] : [toOutcomeRow(recorded, stopReason)];
  });
  if (rows.length === 0) return [];

  const { rows: held } = await sql<HeldLease>`
    with outcome as (
      select * from unnest(
        ${rows.map(({ jobId }) => jobId)}::uuid[], ${rows.map(({ index }) => index)}::int[],
        ${rows.map(({ lease }) => lease)}::int[], ${rows.map(({ workerId }) => workerId)}::uuid[],
        ${rows.map(({ status }) => status)}::text[], ${rows.map(({ isFailure }) => isFailure)}::bool[],
        ${rows.map(({ isLost }) => isLost)}::bool[], ${rows.map(({ isReleased }) => isReleased)}::bool[],
        ${rows.map(({ delayMs }) => delayMs)}::float8[], ${rows.map(({ latencyMs }) => latencyMs)}::float8[],
        ${rows.map(({ output }) => output)}::text[], ${rows.map(({ finish }) => finish)}::text[],
        ${rows.map(({ model }) => model)}::text[], ${rows.map(({ promptTokens }) => promptTokens)}::int[],
        ${rows.map(({ completionTokens }) => completionTokens)}::int[], ${rows.map(({ estimated }) => estimated)}::bool[],
        ${rows.map(({ costUsd }) => costUsd)}::numeric[], ${rows.map(({ requestId }) => requestId)}::text[],
        ${rows.map(({ errorCode }) => errorCode)}::text[], ${rows.map(({ errorMessage }) => errorMessage)}::text[]
      ) as o(job_id, index, lease, worker_id, status, is_failure, is_lost, is_released, delay_ms, latency_ms, output,
             finish_reason, model, prompt_tokens, completion_tokens, estimated, cost_usd, request_id, error_code, error_message)
    ), recorded as (
      update worker.job_items i set
        status = o.status,
        attempts = i.attempts - o.is_released::int,
        failures = i.failures + o.is_failure::int,
        leases_lost = i.leases_lost + o.is_lost::int,
        completed_at = case when o.status in ('pending', 'retrying') then null else clock_timestamp() end,
        next_attempt_at = case when o.status = 'retrying' then clock_timestamp() + o.delay_ms * interval '1 ms' end,
        latency_ms = o.latency_ms, output = o.output, finish_reason = o.finish_reason, model = o.model,
        prompt_tokens = o.prompt_tokens, completion_tokens = o.completion_tokens, estimated = o.estimated,
        cost_usd = o.cost_usd, request_id = o.request_id, error_code = o.error_code, error_message = o.error_message,
        change = j.sequence + 1
      from outcome o join worker.jobs j on j.id = o.job_id
      where i.job_id = o.job_id and i.index = o.index
        and i.lease = o.lease and i.worker_id = o.worker_id and i.status = 'running'
      returning i.job_id, i.index, i.lease, i.status, i.prompt_tokens, i.completion_tokens, i.cost_usd
    ), sums as (
      select job_id,
        count(*) filter (where status = 'succeeded') as succeeded,
        count(*) filter (where status = 'failed') as failed,
        count(*) filter (where status in ('cancelled', 'expired')) as cancelled,
        coalesce(sum(prompt_tokens), 0) as prompt_tokens,
        coalesce(sum(completion_tokens), 0) as completion_tokens,
        coalesce(sum(cost_usd), 0) as cost_usd,
        count(*) filter (where status = 'succeeded' and cost_usd is null) as unpriced
      from recorded group by job_id
    ), counted as (
      update worker.jobs j set
        status = case when j.status = 'queued' then 'running' else j.status end,
        started_at = coalesce(j.started_at, clock_timestamp()),
        succeeded = j.succeeded + s.succeeded,
        failed = j.failed + s.failed,
        cancelled = j.cancelled + s.cancelled,
        prompt_tokens = j.prompt_tokens + s.prompt_tokens,
        completion_tokens = j.completion_tokens + s.completion_tokens,
        cost_usd = j.cost_usd + s.cost_usd,
        unpriced = j.unpriced + s.unpriced,
        failures_in_a_row = case when s.succeeded > 0 then 0 else j.failures_in_a_row + s.failed end,
        sequence = j.sequence + 1
      from sums s where j.id = s.job_id
    )
    select job_id, index, lease from recorded
  `.execute(trx);

  if (rows.some(({ isFailure }) => isFailure)) await brakeJobs(trx, jobIds);
  await finishJobs(trx, jobIds);
  return held;
}

/** Why each of the jobs stops, null while it goes on; a job that was removed is not in it. */
async function lockJobs(trx: Kysely<Database>, jobIds: readonly string[]): Promise<Map<string, StopReason | null>> {
  const jobs = await trx
    .selectFrom('worker.jobs')
    .select(['id', 'stop_reason'])
    .where('id', 'in', [...jobIds])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  return new Map(jobs.map(({ id, stop_reason }) => [id, stop_reason]));
}
