import type { ApiKeyRole, JobItemStatus, JobStatus } from '@prodigon/contracts';
import type { ColumnType, Generated } from 'kysely';

/** Reason why no further item of a job starts. A running job with a stop reason only waits for its items in flight. */
export type StopReason = 'cancelled' | 'expired' | 'aborted';

type Time = ColumnType<Date, Date, Date>;
type GeneratedTime = ColumnType<Date, Date | undefined, Date>;

export interface JobsTable {
  id: string;
  owner_id: string;
  key_id: string | null;
  name: string;
  status: Generated<JobStatus>;
  stop_reason: StopReason | null;
  model: string | null;
  max_tokens: number | null;
  temperature: number | null;
  system_prompt: string | null;
  priority: number;
  /** Rank of the first item; see `job-rank.ts`. */
  rank: GeneratedTime;
  total: number;
  succeeded: Generated<number>;
  failed: Generated<number>;
  cancelled: Generated<number>;
  prompt_tokens: Generated<number>;
  completion_tokens: Generated<number>;
  cost_usd: Generated<number>;
  /** Number of succeeded items with an unknown price. */
  unpriced: Generated<number>;
  failures_in_a_row: Generated<number>;
  /** Number of items that had succeeded before the last retry. The throughput of the current run excludes them. */
  ended_before_retry: Generated<number>;
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
  status: Generated<JobItemStatus>;
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
  /** Sequence of the job at the latest change of this item; null before the first change. */
  change: number | null;
}

export interface WorkersTable {
  id: string;
  name: string;
  started_at: GeneratedTime;
  seen_at: GeneratedTime;
  lease_expires_at: Time;
  /** Whether the process of the worker holds a lock for the session while it runs. */
  has_lock: Generated<boolean>;
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
  key_id: string | null;
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

export interface ApiKeysTable {
  id: string;
  name: string;
  owner_id: string;
  role: ApiKeyRole;
  parent_id: string | null;
  hash: Buffer | null;
  previous_hash: Buffer | null;
  previous_expires_at: Date | null;
  created_at: GeneratedTime;
  last_used_at: Date | null;
  expires_at: Date | null;
  revoked_at: Date | null;
  /** Id of the key of the member that revoked this one; null for an administrator. */
  revoked_by: string | null;
  requests_per_min: number | null;
  tokens_per_min: number | null;
  streams_max: number | null;
  usd_per_day: number | null;
  usd_per_month: number | null;
  tokens_per_day: number | null;
  tokens_per_month: number | null;
  models: string[] | null;
}

/** What a key has spent in its last day and month, which may be over. */
export interface KeySpendingTable {
  key_id: string;
  day: Date;
  day_tokens: number;
  day_usd: number;
  month: Date;
  month_tokens: number;
  month_usd: number;
}

export interface BudgetReservationsTable {
  id: string;
  key_id: string;
  tokens: number;
  usd: number;
  expires_at: Time;
}

/** Keys of requests to the gateway. Without a status, the request of the claim is in flight. */
export interface GatewayIdempotencyKeysTable {
  owner_id: string;
  route: string;
  key: string;
  fingerprint: Buffer;
  claim_id: string;
  conversation_id: string | null;
  lease_expires_at: Time;
  status: number | null;
  headers: ColumnType<Record<string, string> | null, string | null, string | null>;
  body: string | null;
  created_at: GeneratedTime;
}

/** Tables for Kysely. */
export interface Database {
  'worker.jobs': JobsTable;
  'worker.job_items': JobItemsTable;
  'worker.workers': WorkersTable;
  'worker.idempotency_keys': IdempotencyKeysTable;
  'model.usage': UsageTable;
  'gateway.api_keys': ApiKeysTable;
  'gateway.key_spending': KeySpendingTable;
  'gateway.budget_reservations': BudgetReservationsTable;
  'gateway.idempotency_keys': GatewayIdempotencyKeysTable;
}
