import { AppError } from '@prodigon/contracts';
import { describeCause, type Logger, type Metrics } from '@prodigon/platform';
import { type AttemptRecord, abortReason, type CallContext, type ProviderContext, type RateLimits } from '@prodigon/ports';
import type { Entrance, TargetBoard } from './provider-registry.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { Target } from './target.ts';

export interface AttemptLoopOptions {
  policy: RetryPolicy;
  board: TargetBoard;
  metrics: Metrics;
  logger: Logger;
  /** From 0 to 1. */
  random: () => number;
  /** Rejects with the signal's reason as soon as it aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Calls a provider once. Resolves when it has answered, or begun to. */
export type CallOnce<Result> = (target: Target, call: ProviderCall) => Promise<Result>;

export interface ProviderCall extends Pick<Entrance, 'endpoint'> {
  readonly context: ProviderContext;
  /** What its headers have told so far. */
  readonly rateLimits: () => RateLimits | null;
}

export interface Answered<Result> {
  readonly result: Result;
  readonly target: Target;
  readonly attempts: readonly AttemptRecord[];
  readonly rateLimits: RateLimits | null;
  /** For a stream: how long its first content took. */
  begun(ttftMs: number): void;
  /** Say exactly once how it went on. */
  settle(failure?: AppError): void;
}

export type AttemptLoop = <Result>(
  targets: readonly Target[],
  context: CallContext,
  once: CallOnce<Result>,
) => Promise<Answered<Result>>;

/**
 * The only place that repeats a call of a provider. It ends with the first answer, with a failure that another call
 * would not cure, or when attempts, budget or time are used up; then the last failure is thrown, with the number of
 * calls. It knows nothing of what has been sent to the caller: `once` has to resolve at the first content.
 */
export function createAttemptLoop({ policy, board, metrics, logger, random, sleep }: AttemptLoopOptions): AttemptLoop {
  return async (targets, context, once) => {
    const attempts: AttemptRecord[] = [];
    const attemptsMax = Math.min(policy.attemptsMax, context.attemptsMax ?? Number.POSITIVE_INFINITY);
    const [first] = targets;
    if (!first) throw new AppError('UNKNOWN_MODEL');
    const budget = board.budgetOf(first);
    budget.deposit();
    let failure: AppError | undefined;
    let patienceMs = policy.patienceMs;

    const hasTimeFor = (ms: number) => performance.now() + ms < context.deadline;
    const isSpent = () => attempts.length >= attemptsMax;
    const wait = (ms: number) =>
      sleep(ms, context.signal).catch((thrown) => {
        throw AppError.from(thrown).afterAttempts(attempts.length);
      });

    for (const [index, target] of targets.entries()) {
      const isLast = index === targets.length - 1;
      const triesMax = isLast ? attemptsMax : policy.attemptsBeforeFallback;
      for (let tries = 0; tries < triesMax && !isSpent(); ) {
        if (context.signal.aborted) throw abortReason(context.signal).afterAttempts(attempts.length);
        const entrance = board.enter(target);
        if ('waitMs' in entrance) {
          if (attempts.length === 0 || entrance.failure.code === failure?.code) failure = entrance.failure;
          if (!isLast || entrance.waitMs > patienceMs || !hasTimeFor(entrance.waitMs)) break;
          patienceMs -= entrance.waitMs;
          await wait(entrance.waitMs + random() * policy.firstDelayMs);
          continue;
        }
        if (attempts.length > 0 && !budget.withdraw()) {
          entrance.settle(new AppError('CANCELLED'));
          throw end(failure, attempts.length);
        }
        tries += 1;
        const outcome = await makeCall(target, entrance, once, context, attempts);
        if ('answered' in outcome) return outcome.answered;
        ({ failure } = outcome);
        if (context.signal.aborted || !mayHelpElsewhere(failure)) throw failure.afterAttempts(attempts.length);
        if (!mayHelpHere(failure)) break;
        // A provider that has named its time is waited for when its turn comes again, not here.
        if (failure.code === 'RATE_LIMITED' || tries === triesMax || isSpent()) continue;
        const delayMs = random() * Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (tries - 1));
        if (!hasTimeFor(delayMs)) break;
        await wait(delayMs);
      }
    }
    throw end(failure, attempts.length);
  };

  async function makeCall<Result>(
    target: Target,
    entrance: Entrance,
    once: CallOnce<Result>,
    context: CallContext,
    attempts: AttemptRecord[],
  ): Promise<{ answered: Answered<Result> } | { failure: AppError }> {
    const startedAt = performance.now();
    let rateLimits: RateLimits | null = null;
    const onRateLimits = (limits: RateLimits) => {
      rateLimits = limits;
      entrance.learn(limits);
    };
    const record = (error: AttemptRecord['error']) => {
      const latencyMs = Math.round((performance.now() - startedAt) * 100) / 100;
      attempts.push({ provider: target.provider, model: target.id, error, latencyMs });
      metrics.providerAttempts.inc({ provider: target.provider, model: target.label, outcome: error ?? 'OK' });
      return latencyMs;
    };
    try {
      const call = { endpoint: entrance.endpoint, context: { ...context, onRateLimits }, rateLimits: () => rateLimits };
      const result = await once(target, call);
      record(null);
      const { begun, settle } = entrance;
      return { answered: { result, target, attempts, rateLimits, begun, settle } };
    } catch (thrown) {
      const failure = AppError.from(thrown);
      const latencyMs = record(failure.code);
      entrance.settle(failure);
      if (failure.code !== 'CANCELLED') {
        const { provider, id: model } = target;
        const line = { request_id: context.requestId, provider, model, attempt: attempts.length, latency_ms: latencyMs };
        logger.warn({ ...line, code: failure.code, ...describeCause(failure) }, `${provider} did not answer: ${failure.message}`);
      }
      return { failure };
    }
  }
}

function end(failure: AppError | undefined, attempts: number): AppError {
  const { code, message, retryAfterSeconds, retryable, cause } = failure ?? new AppError('SERVICE_UNAVAILABLE');
  const isAway = code === 'SERVICE_UNAVAILABLE';
  return new AppError(code, message, {
    cause,
    retryable,
    attempts,
    retryAfterSeconds: retryAfterSeconds ?? (isAway ? 2 : undefined),
  });
}

/** Whether the same model may answer when it is asked again. One that was too slow would be too slow again. */
function mayHelpHere({ code, retryable }: AppError): boolean {
  return retryable && (code === 'INFERENCE_ERROR' || code === 'SERVICE_UNAVAILABLE' || code === 'RATE_LIMITED');
}

/** Whether another model may answer: not when the request itself is wrong, nor when our key is. */
function mayHelpElsewhere(failure: AppError): boolean {
  return mayHelpHere(failure) || failure.code === 'DEADLINE_EXCEEDED' || failure.code === 'RATE_LIMITED';
}
