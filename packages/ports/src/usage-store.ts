import type { UsagePeriod, UsageRow } from '@prodigon/contracts';

/** What one request used, however it ended. */
export interface UsageRecord {
  /** A UUIDv7: the same record written twice counts once. */
  readonly id: string;
  /** When it ended. */
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
  /** Counted by length. */
  readonly estimated: boolean;
  /** Null when the price is not known. */
  readonly costUsd: number | null;
  /** Calls of providers that it took. */
  readonly attempts: number;
  /** Null when nothing was streamed. */
  readonly ttftMs: number | null;
  readonly latencyMs: number;
}

/** Keeps what was used. Throws `SERVICE_UNAVAILABLE` while that cannot be had. */
export interface UsageStore {
  /** All or none of them; those that are there already stay as they are. Resolves with how many are kept. */
  record(records: readonly UsageRecord[]): Promise<number>;
  /** Of one owner, by day, provider and model. */
  summarize(query: UsagePeriod & { readonly ownerId: string }): Promise<UsageRow[]>;
  /** Removes what is older, and resolves with how many records that were. */
  purge(options: { readonly olderThanDays: number }): Promise<number>;
}
