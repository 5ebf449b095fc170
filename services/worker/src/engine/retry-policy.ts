import type { AppError } from '@prodigon/contracts';
import { type ItemOutcome, type LeasedItem, ServiceUnreachableError } from '@prodigon/ports';

export interface RetryPolicyOptions {
  /** Failed attempts after which an item fails. */
  readonly attemptsMax?: number;
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
  /** Returns a number from 0 to 1, e.g. `Math.random`. */
  readonly random?: () => number;
}

/** Returns the outcome of an attempt that failed with `error` after `latencyMs`. */
export type RetryPolicy = (item: LeasedItem, error: AppError, latencyMs: number) => ItemOutcome;

/**
 * Creates a policy that retries retryable errors up to `attemptsMax` attempts, with exponential backoff and full jitter.
 * The `Retry-After` of a provider is the minimum delay. Failures that the item did not cause do not count as attempts, so
 * that a job survives an outage until it expires: an unreachable model service, an unreachable provider, an open circuit
 * breaker, and a rate limit that prevents the provider call.
 */
export function createRetryPolicy(options: RetryPolicyOptions = {}): RetryPolicy {
  const { attemptsMax = 3, firstDelayMs = 1_000, longestDelayMs = 60_000, random = Math.random } = options;
  return (item, thrown, latencyMs) => {
    if (thrown instanceof ServiceUnreachableError) return { type: 'requeued' };
    const jitterMs = (boundMs: number) => random() * boundMs;
    const retryAfterMs = (thrown.retryAfterSeconds ?? 0) * 1_000;
    if (isOutage(thrown)) {
      return { type: 'delayed', delayMs: Math.round(retryAfterMs + jitterMs(firstDelayMs)) };
    }
    const error = { code: thrown.code, message: thrown.publicMessage };
    if (!thrown.retryable || item.failures + 1 >= attemptsMax) return { type: 'failed', error, latencyMs };
    const delayMs = Math.round(retryAfterMs + jitterMs(Math.min(longestDelayMs, firstDelayMs * 2 ** item.failures)));
    return { type: 'retry', error, delayMs, latencyMs };
  };
}

function isOutage({ code, attempts, retryAfterSeconds = 0, isCircuitOpen }: AppError): boolean {
  if (code === 'RATE_LIMITED') return attempts === 0 && retryAfterSeconds > 0;
  return isCircuitOpen || code === 'PROVIDER_UNREACHABLE';
}
