import type { UsageRow, UsageSelection } from '@prodigon/contracts';

/** Usage of one request, successful or not. */
export interface UsageRecord {
  /** UUIDv7. A record written twice counts once. */
  readonly id: string;
  /** End of the request. */
  readonly at: Date;
  readonly ownerId: string;
  /** Id of the API key; null for calls without a key. */
  readonly keyId: string | null;
  readonly requestId: string;
  readonly kind: 'chat' | 'embedding';
  readonly provider: string;
  /** Model id without parameters. */
  readonly model: string;
  readonly status: 'completed' | 'cancelled' | 'failed';
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Whether the token counts are estimated by length. */
  readonly estimated: boolean;
  /** Null when the price is unknown. */
  readonly costUsd: number | null;
  /** Number of provider calls. */
  readonly attempts: number;
  /** Null when nothing was streamed. */
  readonly ttftMs: number | null;
  readonly latencyMs: number;
}

/** Stores usage. Throws `SERVICE_UNAVAILABLE` while the database is unreachable. */
export interface UsageStore {
  /** Stores all records or none; existing records stay unchanged. Returns the number of records. */
  record(records: readonly UsageRecord[]): Promise<number>;
  /** Returns the usage of one owner, or of all with null, by day or hour, provider, model, and key if selected. */
  summarize(query: Omit<UsageSelection, 'owner'> & { readonly ownerId: string | null }): Promise<UsageRow[]>;
  /** Deletes older records and returns their number. */
  purge(options: { readonly olderThanDays: number }): Promise<number>;
}
