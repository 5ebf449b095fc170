import type { PolicyData } from '@prodigon/platform';

/** How provider calls are retried. Times are in milliseconds. */
export interface RetryPolicy {
  /** Maximum provider calls for one request, across models. */
  readonly attemptsMax: number;
  /** Maximum calls of a model that has a fallback, before the fallback is called. */
  readonly attemptsBeforeFallback: number;
  /** The upper bound of the first delay. It doubles with each further retry. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Maximum total wait of one request for providers that send `Retry-After`. Longer waits are returned to the client. */
  readonly patienceMs: number;
  readonly breaker: { readonly failuresMax: number; readonly openMs: number; readonly openMsMax: number };
  readonly budget: RetryBudgetOptions;
}

export interface RetryBudgetOptions {
  /** Retries that each request adds to the budget. With 0.2, five requests allow one retry. */
  readonly ratio: number;
  /** Maximum retries in the budget. A new budget is full. */
  readonly max: number;
}

export const DEFAULT_POLICY: RetryPolicy = {
  attemptsMax: 4,
  attemptsBeforeFallback: 2,
  firstDelayMs: 250,
  longestDelayMs: 8_000,
  patienceMs: 2_000,
  breaker: { failuresMax: 5, openMs: 10_000, openMsMax: 60_000 },
  budget: { ratio: 0.2, max: 20 },
};

/** Returns the policy of `config/models.yaml`, with defaults for the values that the file omits. */
export function toRetryPolicy(data: PolicyData): RetryPolicy {
  const { breaker } = DEFAULT_POLICY;
  return {
    ...DEFAULT_POLICY,
    attemptsMax: data.attempts_max ?? DEFAULT_POLICY.attemptsMax,
    attemptsBeforeFallback: data.attempts_before_fallback ?? DEFAULT_POLICY.attemptsBeforeFallback,
    firstDelayMs: data.first_delay_ms ?? DEFAULT_POLICY.firstDelayMs,
    longestDelayMs: data.longest_delay_ms ?? DEFAULT_POLICY.longestDelayMs,
    patienceMs: data.patience_ms ?? DEFAULT_POLICY.patienceMs,
    breaker: {
      failuresMax: data.breaker?.failures_max ?? breaker.failuresMax,
      openMs: data.breaker?.open_ms ?? breaker.openMs,
      openMsMax: data.breaker?.open_ms_max ?? breaker.openMsMax,
    },
  };
}
