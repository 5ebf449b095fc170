import type { AppError } from '@prodigon/contracts';
import { type ItemOutcome, type LeasedItem, ServiceUnreachableError } from '@prodigon/ports';

export interface RetryPolicyOptions {
  /** Attempts that may end with an error before the item is given up. */
  readonly attemptsMax?: number;
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
  /** From 0 to 1, e.g. `Math.random`. */
  readonly random?: () => number;
}

/** What becomes of an item whose attempt ended with `error`, after `latencyMs`. */
export type RetryPolicy = (item: LeasedItem, error: AppError, latencyMs: number) => ItemOutcome;

/**
 * Up to three attempts where another may help, after a wait of full jitter: anything from nothing to a bound
 * that doubles, so that those who failed together do not come back together. A provider's `Retry-After` is a
 * lower bound. When it was one of our own services that could not be reached, the attempt does not count. Nor does it
 * when nobody was asked, because the provider had named a time before which it will not answer: the item waits for it.
 */
export function createRetryPolicy(options: RetryPolicyOptions = {}): RetryPolicy {
  const { attemptsMax = 3, firstDelayMs = 1_000, longestDelayMs = 60_000, random = Math.random } = options;
  return (item, thrown, latencyMs) => {
    if (thrown instanceof ServiceUnreachableError) return { type: 'released' };
    const jitterMs = (boundMs: number) => random() * boundMs;
    const askedForMs = (thrown.retryAfterSeconds ?? 0) * 1_000;
    if (thrown.code === 'RATE_LIMITED' && thrown.attempts === 0 && askedForMs > 0) {
      return { type: 'postponed', delayMs: Math.round(askedForMs + jitterMs(firstDelayMs)) };
    }
    const error = { code: thrown.code, message: thrown.message };
    if (!thrown.retryable || item.failures + 1 >= attemptsMax) return { type: 'failed', error, latencyMs };
    const delayMs = Math.round(askedForMs + jitterMs(Math.min(longestDelayMs, firstDelayMs * 2 ** item.failures)));
    return { type: 'retry', error, delayMs, latencyMs };
  };
}
