import type { ApiKeySpending } from '@prodigon/contracts';

/** What one request may spend at most. */
export interface BudgetDemand {
  /** The key and its parent, as far as they have a budget. */
  readonly keyIds: readonly string[];
  readonly tokensMax: number;
  /** Zero when the model is free or its price is unknown; only budgets in tokens apply then. */
  readonly usdMax: number;
  /** Milliseconds after which the recorded usage replaces the reservation, because the process ended without settling it. */
  readonly timeoutMs: number;
}

/** What a request has spent. */
export interface Spending {
  readonly tokens: number;
  readonly usd: number;
}

/**
 * Counts what keys spend in the current day and month of UTC. Only requests that reserve count, so a budget starts when it is
 * set. A request counts in the period in which it settles, even if it started before midnight.
 */
export interface BudgetStore {
  /**
   * Reserves the maximum of a request in one step for all its keys, and returns the id of the reservation, a UUIDv7. The
   * usage record of the request must have the same id. A request that may exceed a budget runs only when its key has spent
   * less than the budget and has no other reservation, so that spending exceeds a budget by at most one request.
   *
   * Throws `BUDGET_EXHAUSTED` with the seconds until the budget starts again, `RATE_LIMITED` while only other reservations
   * are in the way, and `SERVICE_UNAVAILABLE` without the database.
   */
  reserve(demand: BudgetDemand): Promise<string>;
  /** Replaces a reservation by what the request has spent. Idempotent. */
  settle(reservationId: string, spent: Spending): Promise<void>;
  /** Replaces expired reservations by the recorded usage of their requests, or by nothing without a record. Returns their number. */
  settleExpired(): Promise<number>;
  /** Returns what keys with a counter have spent; those that never had a budget are missing. */
  spendingOf(keyIds: readonly string[]): Promise<ReadonlyMap<string, ApiKeySpending>>;
}
