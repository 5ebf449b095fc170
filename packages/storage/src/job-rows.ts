import type { ItemError, Job, JobItem, JobResultLine, RunningItem } from '@prodigon/contracts';
import type { JobResultSize } from '@prodigon/ports';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database, JobItemsTable, JobsTable } from './database-schema.ts';

export type JobRow = Selectable<JobsTable> & { running: number; running_for_s: number | null };
export type ItemRow = Selectable<JobItemsTable> & { worker: string | null };

/** Selects jobs with their number of items in flight and their running time by the database's clock. */
export function selectJobs(db: Kysely<Database>) {
  return db
    .selectFrom('worker.jobs as j')
    .selectAll('j')
    .select([
      sql<number>`(select count(*) from worker.job_items i where i.job_id = j.id and i.status = 'running')`.as('running'),
      sql<number | null>`extract(epoch from clock_timestamp() - j.started_at)::float8`.as('running_for_s'),
    ]);
}

/** Selects items with the name of the worker of their last attempt. */
export function selectItems(db: Kysely<Database>) {
  return db
    .selectFrom('worker.job_items as i')
    .leftJoin('worker.workers as w', 'w.id', 'i.worker_id')
    .selectAll('i')
    .select('w.name as worker');
}

export function toJob(row: JobRow): Job {
  const ended = row.succeeded + row.failed + row.cancelled;
  return {
    job_id: row.id,
    name: row.name,
    status: row.status,
    cancelling: row.completed_at === null && row.stop_reason === 'cancelled',
    created_at: row.created_at.toISOString(),
    started_at: toTime(row.started_at),
    completed_at: toTime(row.completed_at),
    expires_at: row.expires_at.toISOString(),
    model: row.model,
    max_tokens: row.max_tokens,
    temperature: row.temperature,
    system_prompt: row.system_prompt,
    priority: row.priority,
    total_prompts: row.total,
    completed_prompts: row.succeeded,
    failed_prompts: row.failed,
    cancelled_prompts: row.cancelled,
    running_prompts: row.running,
    usage: {
      prompt_tokens: row.prompt_tokens,
      completion_tokens: row.completion_tokens,
      total_tokens: row.prompt_tokens + row.completion_tokens,
    },
    cost_usd: row.unpriced > 0 ? null : row.cost_usd,
    eta_s: row.completed_at === null ? estimateRemainingSeconds(row, ended) : null,
    sequence: row.sequence,
    error: row.error,
  };
}

/** Returns an estimate by the throughput of the current run, or null before its first result. */
function estimateRemainingSeconds({ total, ended_before_retry, running_for_s }: JobRow, ended: number): number | null {
  const done = ended - ended_before_retry;
  if (running_for_s === null || done <= 0) return null;
  return Math.round(((total - ended) * running_for_s * 10) / done) / 10;
}

export function toItem(row: ItemRow): JobItem {
  return {
    index: row.index,
    custom_id: row.custom_id,
    prompt: row.prompt,
    status: row.status,
    attempts: row.attempts,
    output: row.output,
    finish_reason: row.finish_reason,
    error: errorOf(row),
    model: row.model,
    usage: usageOf(row),
    estimated: row.estimated,
    cost_usd: row.cost_usd,
    worker: row.worker,
    started_at: toTime(row.started_at),
    completed_at: toTime(row.completed_at),
    next_attempt_at: toTime(row.next_attempt_at),
    wait_ms: row.wait_ms,
    latency_ms: row.latency_ms,
  };
}

/** Selects what the lines of results contain, with the lengths of the texts in JSON instead of the texts. */
export function selectResultSizes(db: Kysely<Database>) {
  // PostgreSQL escapes the same characters as `JSON.stringify`, with escapes of the same length.
  const lengthOf = (text: string) => sql<number>`coalesce(octet_length(to_json(${sql.ref(text)})::text) - 2, 0)`;
  return db
    .selectFrom('worker.job_items')
    .select([...RESULT_COLUMNS, lengthOf('prompt').as('prompt_bytes'), lengthOf('output').as('output_bytes')]);
}

const RESULT_COLUMNS = [
  'job_id',
  'index',
  'custom_id',
  'status',
  'request_id',
  'model',
  'finish_reason',
  'prompt_tokens',
  'completion_tokens',
  'estimated',
  'cost_usd',
  'latency_ms',
  'error_code',
  'error_message',
] as const satisfies (keyof JobItemsTable)[];

type ResultRow = Pick<Selectable<JobItemsTable>, (typeof RESULT_COLUMNS)[number] | 'prompt' | 'output'>;
type ResultSizeRow = Omit<ResultRow, 'prompt' | 'output'> & { prompt_bytes: number; output_bytes: number };

export function toResultSize(row: ResultSizeRow): JobResultSize {
  const line = toResultLine({ ...row, prompt: '', output: '' });
  return { line, textBytes: row.prompt_bytes + (line.response ? row.output_bytes : 0) };
}

export function toResultLine(row: ResultRow): JobResultLine {
  const usage = usageOf(row);
  const { job_id, index, custom_id, prompt, output } = row;
  const hasResponse = row.status === 'succeeded' && usage !== null;
  return {
    id: `${job_id}:${index}`,
    index,
    custom_id,
    prompt,
    response: hasResponse
      ? {
          status_code: 200,
          request_id: row.request_id ?? '',
          body: {
            text: output ?? '',
            model: row.model ?? '',
            finish_reason: row.finish_reason ?? '',
            usage,
            estimated: row.estimated,
            cost_usd: row.cost_usd,
            latency_ms: row.latency_ms ?? 0,
          },
        }
      : null,
    error: hasResponse ? null : errorOf(row),
  };
}

/** The maximum number of running items in a snapshot. */
export const RUNNING_MAX = 200;

/**
 * Combines a job with its running items. Workers claim items between the two reads, so the number of items replaces the
 * older count of the job, unless the list is cut.
 */
export function toSnapshot(job: Job, rows: readonly ItemRow[]): { job: Job; running: readonly RunningItem[] } {
  const running = rows.map(toRunningItem);
  return { job: running.length < RUNNING_MAX ? { ...job, running_prompts: running.length } : job, running };
}

function toRunningItem({ index, worker, attempts, started_at }: ItemRow): RunningItem {
  return { index, worker: worker ?? '', attempt: attempts, started_at: (started_at ?? new Date(0)).toISOString() };
}

function errorOf({ error_code, error_message }: Pick<ItemRow, 'error_code' | 'error_message'>): ItemError | null {
  if (error_code === null) return null;
  return { code: error_code as ItemError['code'], message: error_message ?? '' };
}

function usageOf({ prompt_tokens, completion_tokens }: Pick<ItemRow, 'prompt_tokens' | 'completion_tokens'>): JobItem['usage'] {
  if (prompt_tokens === null || completion_tokens === null) return null;
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function toTime(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
