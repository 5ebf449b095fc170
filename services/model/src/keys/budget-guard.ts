import { AppError, type Usage } from '@prodigon/contracts';
import { type Logger, logFailure } from '@prodigon/platform';
import type { BudgetStore, CallContext, Spending } from '@prodigon/ports';
import type { Target } from '../inference/model-catalog.ts';
import { systemTimer, type Timer } from '../system-timer.ts';
import { maximumOf, type RequestSize } from './request-maximum.ts';

/** A request that may count towards budgets. */
export interface BudgetedRequest {
  readonly budgetKeyIds: readonly string[];
  readonly size: () => RequestSize;
  readonly targets: readonly Target[];
  readonly context: CallContext;
}

/** Reserves budgets before the first provider call of a request, and settles them after the last one. */
export interface BudgetGuard {
  /** Returns the id of the reservation, or null for a request without a budget. Rejects as `BudgetStore.reserve` does. */
  reserve(request: BudgetedRequest): null | Promise<string>;
  /**
   * Counts what the request has used. Resolves when the budget store knows it, so that the next request of the client does
   * not compete with this one, or after a second, because a response must not wait for the database. Never rejects.
   */
  settle(reservationId: string, usage: Usage, costUsd: number | null): Promise<void>;
  /** Settles the rest, within a few seconds. */
  close(): Promise<void>;
}

/** The guard of a model service without a database. */
export const NO_BUDGETS: BudgetGuard = { reserve: () => null, settle: async () => {}, close: async () => {} };

export interface BudgetGuardOptions {
  store: BudgetStore;
  logger: Logger;
  after?: Timer;
}

/** How long after its deadline a request may still settle. Usage records are written within a few seconds. */
const MARGIN_MS = 30_000;
const SETTLE_WAIT_MS = 1_000;
const RETRY_INTERVAL_MS = 1_000;
const CLOSE_TIMEOUT_MS = 5_000;
const SWEEP_INTERVAL_MS = 60_000;

export function createBudgetGuard({ store, logger, after = systemTimer }: BudgetGuardOptions): BudgetGuard {
  /** What the database does not know yet. */
  const unsettled = new Map<string, Spending>();
  const pending = new Set<Promise<void>>();
  let isFailing = false;
  let isClosed = false;
  let cancelRetry: (() => void) | undefined;
  let cancelSweep = after(SWEEP_INTERVAL_MS, () => void sweep());

  async function attempt(id: string, spent: Spending): Promise<void> {
    try {
      await store.settle(id, spent);
      unsettled.delete(id);
      isFailing = false;
    } catch (thrown) {
      // The recorded usage replaces a reservation that cannot be settled.
      if (report(thrown).code === 'INTERNAL_ERROR') unsettled.delete(id);
      else if (!isClosed) cancelRetry ??= after(RETRY_INTERVAL_MS, retry);
    }
  }

  function track(task: Promise<void>): Promise<void> {
    const tracked = task.finally(() => pending.delete(tracked));
    pending.add(tracked);
    return tracked;
  }

  function retry(): void {
    cancelRetry = undefined;
    for (const [id, spent] of unsettled) void track(attempt(id, spent));
  }

  async function sweep(): Promise<void> {
    try {
      await store.settleExpired();
    } catch (thrown) {
      // The next sweep settles the rest. An unreachable database fails the readiness check, even without budgets.
      if (AppError.from(thrown).code !== 'SERVICE_UNAVAILABLE') report(thrown);
    }
    if (!isClosed) cancelSweep = after(SWEEP_INTERVAL_MS, () => void sweep());
  }

  function report(thrown: unknown): AppError {
    const failure = AppError.from(thrown);
    if (!isFailing) logFailure(logger, { level: 'error', failure, message: 'Budgets cannot be settled and stay reserved' });
    isFailing = true;
    return failure;
  }

  /** Resolves with the task, or after the delay. */
  async function waitFor(task: Promise<unknown>, delayMs: number): Promise<void> {
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    const cancel = after(delayMs, resolve);
    await Promise.race([task, timeout]);
    cancel();
  }

  async function reserveBudgets({ budgetKeyIds, size, targets, context }: BudgetedRequest): Promise<string> {
    const timeoutMs = Math.max(0, context.deadline - performance.now()) + MARGIN_MS;
    try {
      return await store.reserve({ keyIds: budgetKeyIds, ...maximumOf(size(), targets), timeoutMs });
    } catch (thrown) {
      throw AppError.from(thrown).afterAttempts(0);
    }
  }

  return {
    reserve: (request) => (request.budgetKeyIds.length === 0 ? null : reserveBudgets(request)),

    async settle(reservationId, usage, costUsd) {
      const spent = { tokens: usage.prompt_tokens + usage.completion_tokens, usd: costUsd ?? 0 };
      unsettled.set(reservationId, spent);
      await waitFor(track(attempt(reservationId, spent)), SETTLE_WAIT_MS);
    },

    async close() {
      isClosed = true;
      cancelSweep();
      cancelRetry?.();
      await waitFor(Promise.all(pending), CLOSE_TIMEOUT_MS);
    },
  };
}
