import type { ColumnType, Generated } from 'kysely';

/** Of a job, inside the database: a job that stops still has items in flight. */
export type JobRowStatus = 'queued' | 'running' | 'stopping' | 'completed' | 'failed' | 'cancelled' | 'expired';
/** Why no further item of a job is begun. */
export type StopReason = 'cancelled' | 'expired' | 'halted';
export type ItemRowStatus = 'pending' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'cancelled' | 'expired';

type Time = ColumnType<Date, Date, Date>;
type GeneratedTime = ColumnType<Date, Date | undefined, Date>;

export interface JobsTable {
  id: string;
  owner_id: string;
  name: string;
  status: Generated<JobRowStatus>;
  stop_reason: StopReason | null;
  model: string | null;
  max_tokens: number;
  temperature: number;
  system_prompt: string | null;
  priority: number;
  total: number;
  succeeded: Generated<number>;
  failed: Generated<number>;
  cancelled: Generated<number>;
  prompt_tokens: Generated<number>;
  completion_tokens: Generated<number>;
  cost_usd: Generated<number>;
  /** Answers whose price is not known. */
  unpriced: Generated<number>;
  failures_in_a_row: Generated<number>;
  /** What was settled before the current run, which its pace must not count. */
  settled_before: Generated<number>;
  sequence: Generated<number>;
  error: string | null;
  created_at: GeneratedTime;
  started_at: Date | null;
  completed_at: Date | null;
  expires_at: Time;
}

export interface JobItemsTable {
  job_id: string;
  index: number;
  owner_id: string;
  custom_id: string | null;
  prompt: string;
  rank: Time;
  status: Generated<ItemRowStatus>;
  attempts: Generated<number>;
  failures: Generated<number>;
  lease: Generated<number>;
  leases_lost: Generated<number>;
  worker_id: string | null;
  started_at: Date | null;
  completed_at: Date | null;
  next_attempt_at: Date | null;
  wait_ms: number | null;
  latency_ms: number | null;
  output: string | null;
  finish_reason: string | null;
  model: string | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  estimated: Generated<boolean>;
  cost_usd: number | null;
  request_id: string | null;
  error_code: string | null;
  error_message: string | null;
  /** The job's sequence at this item's newest change; null before the first. */
  change: number | null;
}

export interface WorkersTable {
  id: string;
  name: string;
  started_at: GeneratedTime;
  seen_at: GeneratedTime;
  lease_expires_at: Time;
  ended_at: Date | null;
}

export interface IdempotencyKeysTable {
  owner_id: string;
  key: string;
  fingerprint: string;
  response: ColumnType<unknown, string, never>;
  created_at: GeneratedTime;
}

export interface UsageTable {
  id: string;
  at: Time;
  owner_id: string;
  request_id: string;
  kind: 'chat' | 'embedding';
  provider: string;
  model: string;
  status: 'completed' | 'cancelled' | 'failed';
  prompt_tokens: number;
  completion_tokens: number;
  estimated: boolean;
  cost_usd: number | null;
  attempts: number;
  ttft_ms: number | null;
  latency_ms: number;
}

/** The tables as Kysely sees them. */
export interface Database {
  'worker.jobs': JobsTable;
  'worker.job_items': JobItemsTable;
  'worker.workers': WorkersTable;
  'worker.idempotency_keys': IdempotencyKeysTable;
  'model.usage': UsageTable;
}
