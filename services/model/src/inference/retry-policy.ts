import type { PolicyData } from '@prodigon/platform';

/** How calls are repeated. Times in milliseconds. */
export interface RetryPolicy {
  /** Calls of a provider for one request, over all models. */
  readonly attemptsMax: number;
  /** Calls of a model that has a fallback, before that one's turn. */
  readonly attemptsBeforeFallback: number;
  /** The bound of the first wait; it doubles with each further one. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** How long a request waits for a provider that has named its time. Longer waits are the caller's to decide. */
  readonly patienceMs: number;
  readonly breaker: { readonly failuresMax: number; readonly openMs: number; readonly openMsMax: number };
  readonly budget: { readonly ratio: number; readonly max: number };
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

/** The policy as it stands in `config/models.yaml`, with our own choice for what is not there. */
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
