import type { UsagePeriod, UsageRow } from '@prodigon/contracts';

/** The usage of one request, whatever its outcome. */
export interface UsageRecord {
  /** A UUIDv7. Writing the same record twice counts it once. */
  readonly id: string;
  /** When the request ended. */
  readonly at: Date;
  readonly ownerId: string;
  readonly requestId: string;
  readonly kind: 'chat' | 'embedding';
  readonly provider: string;
  /** Without parameters. */
  readonly model: string;
  readonly status: 'completed' | 'cancelled' | 'failed';
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Whether the tokens were estimated by length. */
  readonly estimated: boolean;
  /** Null when the price is unknown. */
  readonly costUsd: number | null;
  /** The number of provider calls. */
  readonly attempts: number;
  /** Null without a streamed response. */
  readonly ttftMs: number | null;
  readonly latencyMs: number;
}

/** Stores usage records. Throws `SERVICE_UNAVAILABLE` while the store cannot be reached. */
export interface UsageStore {
  /** Writes all records or none, and keeps existing ones unchanged. Returns the number of stored records. */
  record(records: readonly UsageRecord[]): Promise<number>;
  /** Returns the usage of one owner by day, provider and model. */
  summarize(query: UsagePeriod & { readonly ownerId: string }): Promise<UsageRow[]>;
  /** Deletes older records. Returns their number. */
  purge(options: { readonly olderThanDays: number }): Promise<number>;
}
