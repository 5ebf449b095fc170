import type { AppError, ErrorCode } from '@prodigon/contracts';
import { type ItemOutcome, type LeasedItem, ServiceUnreachableError } from '@prodigon/ports';
import { createOutageClock } from './outage-clock.ts';

export interface RetryPolicyOptions {
  /** Failed attempts after which an item fails. */
  readonly attemptsMax?: number;
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
  /** Length of an outage after which the items of a job fail. */
  readonly outageMsMax?: number;
  /** Returns a number from 0 to 1, e.g. `Math.random`. */
  readonly random?: () => number;
}

export interface RetryPolicy {
  /** Returns the outcome of an attempt that failed with `error` after `latencyMs`. */
  decide(item: LeasedItem, error: AppError, latencyMs: number): ItemOutcome;
  /** Ends the outage of the item's model. */
  recordSuccess(item: LeasedItem): void;
}

const OUTAGE_MS_MAX = 2 * 3_600_000;

/**
 * Creates a policy that retries retryable errors up to `attemptsMax` attempts, with exponential backoff and full jitter.
 * The `Retry-After` of a provider is the minimum delay. Failures that the item did not cause do not count as attempts, so
 * that a job survives an outage: an unreachable model service, an unreachable provider, an open circuit breaker, and a
 * rate limit that prevents the provider call. An outage that continues for `outageMsMax` fails the items of the job.
 */
export function createRetryPolicy(options: RetryPolicyOptions = {}): RetryPolicy {
  const { attemptsMax = 3, firstDelayMs = 1_000, longestDelayMs = 60_000, random = Math.random } = options;
  const outages = createOutageClock(options.outageMsMax ?? OUTAGE_MS_MAX);
  return {
    decide(item, thrown, latencyMs) {
      if (thrown instanceof ServiceUnreachableError) return { type: 'requeued' };
      const jitterMs = (boundMs: number) => random() * boundMs;
      const retryAfterMs = (thrown.retryAfterSeconds ?? 0) * 1_000;
      const failed = ({ code, publicMessage: message }: AppError): ItemOutcome => {
        return { type: 'failed', error: { code, message }, latencyMs };
      };
      if (isOutage(thrown) || isRateLimitedBeforeCall(thrown)) {
        const delayMs = Math.round(retryAfterMs + jitterMs(firstDelayMs));
        const error = isOutage(thrown) ? outages.recordFailure(item, thrown, delayMs) : undefined;
        return error ? failed(error) : { type: 'delayed', delayMs };
      }
      if (isResponse(thrown)) outages.end(item);
      if (!thrown.retryable || item.failures + 1 >= attemptsMax) return failed(thrown);
      const error = { code: thrown.code, message: thrown.publicMessage };
      const delayMs = Math.round(retryAfterMs + jitterMs(Math.min(longestDelayMs, firstDelayMs * 2 ** item.failures)));
      return { type: 'retry', error, delayMs, latencyMs };
    },
    recordSuccess: outages.end,
  };
}

function isRateLimitedBeforeCall({ code, attempts, retryAfterSeconds = 0 }: AppError): boolean {
  return code === 'RATE_LIMITED' && attempts === 0 && retryAfterSeconds > 0;
}

function isOutage({ code, isCircuitOpen }: AppError): boolean {
  return isCircuitOpen || code === 'PROVIDER_UNREACHABLE';
}

/** Failures that an outage can cause while the circuit breaker is still closed. */
const OUTAGE_ERRORS: ReadonlySet<ErrorCode> = new Set(['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', 'DEADLINE_EXCEEDED']);

/** Returns whether the failure shows that the provider works, e.g. because it rejected the request. */
function isResponse({ code, attempts = 0 }: AppError): boolean {
  return attempts > 0 && !OUTAGE_ERRORS.has(code);
}
