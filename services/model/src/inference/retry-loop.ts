import { AppError, type ErrorCode } from '@prodigon/contracts';
import { type Logger, logFailure, type Metrics, reasonOf } from '@prodigon/platform';
import {
  type AttemptRecord,
  abortReason,
  type CallContext,
  type ProviderContext,
  type ProviderRegistration,
} from '@prodigon/ports';
import type { RequestOrigin } from './circuit-breaker.ts';
import type { Target } from './model-catalog.ts';
import type { CallPermit, ProviderRegistry } from './provider-registry.ts';
import type { RetryBudgetOptions, RetryPolicy } from './retry-policy.ts';

export interface RetryLoopOptions {
  policy: RetryPolicy;
  registry: ProviderRegistry;
  metrics: Metrics;
  logger: Logger;
  /** Returns a number from 0 to 1. */
  random: () => number;
  /** Rejects with the signal's reason as soon as the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Calls a provider once. Resolves with the completion, or with the first content of a stream. */
export type Operation<Result> = (permit: CallPermit, context: ProviderContext) => Promise<Result>;

export interface Success<Result> {
  readonly result: Result;
  /** Open permit of the successful call. Report the end of the call with `succeed` or `fail`. */
  readonly permit: CallPermit;
  readonly attempts: readonly AttemptRecord[];
}

export interface RetriedRequest<Result> {
  readonly targets: readonly Target[];
  readonly context: CallContext;
  /** Returns a fingerprint of the request's content. */
  readonly fingerprint: () => string;
  readonly operation: Operation<Result>;
}

export type RetryLoop = <Result>(request: RetriedRequest<Result>) => Promise<Success<Result>>;

/** Errors after which the same model may succeed. A model that timed out would probably time out again. */
const RETRYABLE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'INFERENCE_ERROR',
  'SERVICE_UNAVAILABLE',
  'PROVIDER_UNREACHABLE',
  'RATE_LIMITED',
]);
/** Errors after which another model may succeed. An invalid request fails everywhere, and operators must fix a refused key. */
const FALLBACK_ERRORS: ReadonlySet<ErrorCode> = new Set([...RETRYABLE_ERRORS, 'DEADLINE_EXCEEDED', 'QUOTA_EXHAUSTED']);
const UNAVAILABLE_RETRY_AFTER_S = 2;

/**
 * Creates the only loop that retries provider calls. It ends with the first success, with a failure that no further
 * call can fix, or when attempts, budget or time run out. Then it throws the last failure, with the number of calls.
 * It does not know what the client has already received, so `operation` must resolve at the first content.
 */
export function createRetryLoop({ policy, registry, metrics, logger, random, sleep }: RetryLoopOptions): RetryLoop {
  const budgets = new WeakMap<ProviderRegistration, RetryBudget>();

  function budgetOf(registration: ProviderRegistration): RetryBudget {
    const budget = budgets.get(registration) ?? createRetryBudget(policy.budget);
    budgets.set(registration, budget);
    return budget;
  }

  return async ({ targets, context, fingerprint, operation }) => {
    const origin = createOrigin(context, fingerprint);
    const attempts: AttemptRecord[] = [];
    const attemptsMax = Math.min(policy.attemptsMax, context.attemptsMax ?? Number.POSITIVE_INFINITY);
    const [first] = targets;
    if (!first) throw new AppError('UNKNOWN_MODEL');
    const budget = budgetOf(first.registration);
    budget.deposit();
    let failure: AppError | undefined;
    let isCircuitOpen = false;
    let patienceMs = policy.patienceMs;

    const hasTimeFor = (ms: number) => performance.now() + ms < context.deadline;
    const areAttemptsExhausted = () => attempts.length >= attemptsMax;
    const wait = async (ms: number) => {
      try {
        await sleep(ms, context.signal);
      } catch (thrown) {
        throw AppError.from(thrown).afterAttempts(attempts.length);
      }
    };

    for (const [index, target] of targets.entries()) {
      const isLast = index === targets.length - 1;
      const callsMax = isLast ? attemptsMax : policy.attemptsBeforeFallback;
      for (let calls = 0; calls < callsMax && !areAttemptsExhausted(); ) {
        if (context.signal.aborted) throw abortReason(context.signal).afterAttempts(attempts.length);
        const permit = registry.acquire(target, origin);
        if ('waitMs' in permit) {
          if (attempts.length === 0 || permit.failure.code === failure?.code) ({ failure } = permit);
          if (!isLast || permit.waitMs > patienceMs || !hasTimeFor(permit.waitMs)) break;
          patienceMs -= permit.waitMs;
          await wait(permit.waitMs + random() * policy.firstDelayMs);
          continue;
        }
        if (attempts.length > 0 && !budget.withdraw()) {
          permit.fail(new AppError('CANCELLED'));
          throw finalFailure(failure, attempts.length, isCircuitOpen);
        }
        calls += 1;
        const startedAt = performance.now();
        try {
          const result = await operation(permit, { ...context, onRateLimits: permit.recordRateLimits });
          recordAttempt(permit, attempts, startedAt, null);
          return { result, permit, attempts };
        } catch (thrown) {
          failure = AppError.from(thrown);
          const { latencyMs } = recordAttempt(permit, attempts, startedAt, failure.code);
          isCircuitOpen = permit.fail(failure);
          logAttempt(target, failure, { request_id: context.requestId, attempt: attempts.length, latency_ms: latencyMs });
        }
        if (context.signal.aborted || !FALLBACK_ERRORS.has(failure.code)) throw failure.afterAttempts(attempts.length);
        if (!RETRYABLE_ERRORS.has(failure.code) || !failure.retryable) break;
        // The next `acquire` returns the wait for the rate limit, or another key that needs no wait.
        if (failure.code === 'RATE_LIMITED' || calls === callsMax || areAttemptsExhausted()) continue;
        const delayMs = random() * Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (calls - 1));
        if (!hasTimeFor(delayMs)) break;
        await wait(delayMs);
      }
    }
    throw finalFailure(failure, attempts.length, isCircuitOpen);
  };

  function recordAttempt(
    { target: { provider, id, label } }: CallPermit,
    attempts: AttemptRecord[],
    startedAt: number,
    error: AttemptRecord['error'],
  ): AttemptRecord {
    const latencyMs = Math.round((performance.now() - startedAt) * 100) / 100;
    const attempt = { provider, model: id, error, latencyMs };
    attempts.push(attempt);
    metrics.providerAttempts.inc({ provider, model: label, outcome: error ?? 'OK' });
    return attempt;
  }

  function logAttempt({ provider, id: model }: Target, failure: AppError, fields: Record<string, unknown>): void {
    if (failure.code === 'CANCELLED') return;
    const message = `Call to ${provider} failed: ${reasonOf(failure)}`;
    logFailure(logger, { level: 'warn', failure, fields: { ...fields, provider, model }, message });
  }
}

function createOrigin({ principal }: CallContext, fingerprint: () => string): RequestOrigin {
  let known: string | undefined;
  return {
    caller: principal.id,
    get fingerprint() {
      known ??= fingerprint();
      return known;
    },
  };
}

function finalFailure(failure = new AppError('SERVICE_UNAVAILABLE'), attempts: number, isCircuitOpen: boolean): AppError {
  const { code, message, providerReason, retryAfterSeconds, retryable, cause, status } = failure;
  const defaultRetryAfter = status === 503 ? UNAVAILABLE_RETRY_AFTER_S : undefined;
  return new AppError(code, message, {
    cause,
    providerReason,
    retryable,
    attempts,
    isCircuitOpen: isCircuitOpen || failure.isCircuitOpen,
    retryAfterSeconds: retryAfterSeconds ?? defaultRetryAfter,
  });
}

/**
 * Limits retries in proportion to requests, so that a failing provider receives slightly more load than usual instead
 * of four times as much.
 */
export interface RetryBudget {
  /** Adds the share of one new request. */
  deposit(): void;
  /** Takes one retry from the budget. Returns false when none is left. */
  withdraw(): boolean;
}

export function createRetryBudget({ ratio, max }: RetryBudgetOptions): RetryBudget {
  let balance = max;
  return {
    deposit() {
      balance = Math.min(max, balance + ratio);
    },
    withdraw() {
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}
