import type { JobItemStatus } from '@prodigon/contracts';
import type { ItemOutcome, Lease } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { storableText } from './create-database.ts';
import type { Database, StopReason } from './database-schema.ts';
import { abortFailingJobs, finishJobs, STOPPED_ITEM } from './job-transitions.ts';

/** Result of a leased item: an outcome reported by its worker, or the loss of the worker. */
export interface RecordedResult {
  readonly item: Lease;
  readonly workerId: string;
  readonly outcome: ItemOutcome | { readonly type: 'worker-lost'; readonly leasesLost: number };
}

/**
 * Records results of leased items and the totals of their jobs within the given transaction. Returns the leases that
 * were still held. Locks the jobs first and in order, so that the sequence of a job is the commit order of its changes.
 */
export async function recordResults(trx: Kysely<Database>, results: readonly RecordedResult[]): Promise<readonly Lease[]> {
  if (results.length === 0) return [];
  const jobIds = [...new Set(results.map(({ item }) => item.jobId))];
  const stopReasons = await lockJobs(trx, jobIds);
  const rows = results.flatMap((result) => {
    const stopReason = stopReasons.get(result.item.jobId);
    return stopReason === undefined ? [] : [toResultRow(result, stopReason)];
  });
  if (rows.length === 0) return [];

  const { rows: recorded } = await sql<Lease>`
    with outcome as (
      select * from unnest(
        ${rows.map(({ jobId }) => jobId)}::uuid[], ${rows.map(({ index }) => index)}::int[],
        ${rows.map(({ lease }) => lease)}::int[], ${rows.map(({ workerId }) => workerId)}::uuid[],
        ${rows.map(({ status }) => status)}::text[], ${rows.map(({ isFailure }) => isFailure)}::bool[],
        ${rows.map(({ isLost }) => isLost)}::bool[], ${rows.map(({ isRequeued }) => isRequeued)}::bool[],
        ${rows.map(({ delayMs }) => delayMs)}::float8[], ${rows.map(({ latencyMs }) => latencyMs)}::float8[],
        ${rows.map(({ output }) => output)}::text[], ${rows.map(({ finish }) => finish)}::text[],
        ${rows.map(({ model }) => model)}::text[], ${rows.map(({ promptTokens }) => promptTokens)}::int[],
        ${rows.map(({ completionTokens }) => completionTokens)}::int[], ${rows.map(({ estimated }) => estimated)}::bool[],
        ${rows.map(({ costUsd }) => costUsd)}::numeric[], ${rows.map(({ requestId }) => requestId)}::text[],
        ${rows.map(({ errorCode }) => errorCode)}::text[], ${rows.map(({ errorMessage }) => errorMessage)}::text[]
      ) as o(job_id, index, lease, worker_id, status, is_failure, is_lost, is_requeued, delay_ms, latency_ms, output,
             finish_reason, model, prompt_tokens, completion_tokens, estimated, cost_usd, request_id, error_code, error_message)
    ), recorded as (
      update worker.job_items i set
        status = o.status,
        attempts = i.attempts - o.is_requeued::int,
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
      returning i.job_id, i.index, i.lease, i.status, i.started_at, i.prompt_tokens, i.completion_tokens, i.cost_usd,
        i.attempts, i.worker_id, o.is_failure, o.is_lost
    ), repeated as (
      insert into worker.job_attempts (job_id, index, attempt, worker_id, started_at, ended_at, outcome)
      select job_id, index, attempts, worker_id, started_at, clock_timestamp(), case when is_lost then 'lost' else 'retried' end
      from recorded where status in ('pending', 'retrying') and (is_failure or is_lost)
      on conflict do nothing
    ), sums as (
      select job_id,
        min(started_at) as started_at,
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
        status = case when j.status = 'pending' then 'running' else j.status end,
        started_at = coalesce(j.started_at, s.started_at),
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
    select job_id as "jobId", index, lease from recorded
  `.execute(trx);

  if (rows.some(({ isFailure }) => isFailure)) await abortFailingJobs(trx, jobIds);
  await finishJobs(trx, jobIds);
  return recorded;
}

/** Locks the jobs and returns their stop reasons. Deleted jobs are missing from the result. */
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

/** Columns that one result updates. */
interface ResultRow {
  readonly jobId: string;
  readonly index: number;
  readonly lease: number;
  readonly workerId: string;
  readonly status: JobItemStatus;
  readonly isFailure: boolean;
  readonly isLost: boolean;
  readonly isRequeued: boolean;
  readonly delayMs: number;
  readonly latencyMs: number | null;
  readonly output: string | null;
  readonly finish: string | null;
  readonly model: string | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly estimated: boolean;
  readonly costUsd: number | null;
  readonly requestId: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** Lost workers after which an item fails, because it may cause the crashes. */
const LEASES_LOST_MAX = 25;

const EMPTY_RESULT: Omit<ResultRow, 'jobId' | 'index' | 'lease' | 'workerId' | 'status'> = {
  isFailure: false,
  isLost: false,
  isRequeued: false,
  delayMs: 0,
  latencyMs: null,
  output: null,
  finish: null,
  model: null,
  promptTokens: null,
  completionTokens: null,
  estimated: false,
  costUsd: null,
  requestId: null,
  errorCode: null,
  errorMessage: null,
};

/** `stopReason` is that of the job: an item of a stopped job ends instead of running again. */
function toResultRow({ item, workerId, outcome }: RecordedResult, stopReason: StopReason | null): ResultRow {
  const { jobId, index, lease } = item;
  const common = { ...EMPTY_RESULT, jobId, index, lease, workerId };
  const runAgain = (status: JobItemStatus): Pick<ResultRow, 'status' | 'errorCode' | 'errorMessage'> => {
    if (stopReason === null) return { status, errorCode: null, errorMessage: null };
    const { status: finalStatus, error } = STOPPED_ITEM[stopReason];
    return { status: finalStatus, errorCode: error?.code ?? null, errorMessage: error?.message ?? null };
  };
  switch (outcome.type) {
    case 'succeeded':
      return {
        ...common,
        status: 'succeeded',
        latencyMs: outcome.latencyMs,
        output: storableText(outcome.text),
        finish: storableText(outcome.finish),
        model: storableText(outcome.model),
        promptTokens: outcome.usage.prompt_tokens,
        completionTokens: outcome.usage.completion_tokens,
        estimated: outcome.estimated,
        costUsd: outcome.costUsd,
        requestId: outcome.requestId,
      };
    case 'failed':
    case 'retry': {
      const { error, latencyMs } = outcome;
      const failure = { isFailure: true, latencyMs, errorCode: error.code, errorMessage: storableText(error.message) };
      if (outcome.type === 'failed') return { ...common, ...failure, status: 'failed' };
      const { status, errorCode, errorMessage } = runAgain('retrying');
      if (status !== 'retrying') return { ...common, ...failure, status, ...(errorCode && { errorCode, errorMessage }) };
      return { ...common, ...failure, status, delayMs: outcome.delayMs };
    }
    case 'requeued':
      return { ...common, ...runAgain('pending'), isRequeued: true };
    case 'delayed':
      return { ...common, ...runAgain('retrying'), isRequeued: true, delayMs: outcome.delayMs };
    case 'worker-lost': {
      if (outcome.leasesLost + 1 < LEASES_LOST_MAX) return { ...common, ...runAgain('pending'), isLost: true };
      const errorMessage = `Failed, because its worker crashed or lost its lease ${LEASES_LOST_MAX} times.`;
      return { ...common, status: 'failed', isLost: true, isFailure: true, errorCode: 'WORKER_LOST', errorMessage };
    }
  }
}
