import type { ApiKeySpending } from '@prodigon/contracts';

/** What one request may cost at most. */
export interface BudgetDemand {
  readonly requestId: string;
  /** The key, and its parent if it has one. Only keys with a budget. */
  readonly keyIds: readonly string[];
  readonly tokensMax: number;
  /** Null when the price is unknown; only budgets in tokens apply then. */
  readonly usdMax: number | null;
  /** Milliseconds after which the reservation of a process that ended without settling is replaced by the recorded usage. */
  readonly timeoutMs: number;
}

export interface BudgetReservation {
  readonly id: string;
  readonly keyIds: readonly string[];
}

/**
 * Counts what keys spend, in the current day and month of UTC. One counter refuses requests, is displayed, and starts again
 * with each period. The keys and their budgets are rows of the same database, so that a budget holds for all processes.
 */
export interface BudgetStore {
  /**
   * Reserves the maximum of a request in one step for all its keys. A request that does not fit runs only when its key has
   * spent less than its budget and no other reservation is open, so that spending exceeds a budget by at most one request.
   *
   * Throws `BUDGET_EXHAUSTED` with the seconds until the budget starts again, `RATE_LIMITED` while only open reservations
   * are in the way, and `SERVICE_UNAVAILABLE` without the database.
   */
  reserve(demand: BudgetDemand): Promise<BudgetReservation>;
  /** Replaces a reservation by what the request has spent. Idempotent. */
  settle(reservation: BudgetReservation, spent: { readonly tokens: number; readonly usd: number }): Promise<void>;
  /** Replaces the expired reservations of processes that ended by the recorded usage of their requests. Returns their number. */
  settleExpired(): Promise<number>;
  spendingOf(keyIds: readonly string[]): Promise<ReadonlyMap<string, ApiKeySpending>>;
}
