import { AppError, type ErrorCode } from '@prodigon/contracts';
import { createLogger, createMetrics } from '@prodigon/platform';
import type { CallContext, ModelProvider, RateLimits } from '@prodigon/ports';
import { TargetBoard } from './provider-registry.ts';
import { createAttemptLoop } from './retry-loop.ts';
import { DEFAULT_POLICY, type RetryPolicy } from './retry-policy.ts';
import type { Target } from './target.ts';

/** What a call comes to: an answer, a failure, or whatever happens meanwhile. */
type Reply = 'ok' | ErrorCode | AppError | (() => unknown);

/** `headers` are what the provider tells of its limits with each of its answers. */
interface ModelOptions {
  readonly headers?: RateLimits;
  readonly keys?: number;
}

/**
 * The attempt loop over providers that answer by a list: each model its own, the last reply for ever. Waiting takes no
 * time but moves the clock of the board, and randomness is what the test says.
 */
export function setUpLoop(models: Record<string, Reply[]>, { policy = {}, random = () => 1 }: LoopOptions = {}) {
  let now = 1_000_000;
  const calls: string[] = [];
  const keysUsed: string[] = [];
  const slept: number[] = [];
  const lines: Record<string, unknown>[] = [];
  const caller = new AbortController();
  let onSleep: (ms: number) => void = () => {};
  const metrics = createMetrics();
  const fullPolicy: RetryPolicy = { ...DEFAULT_POLICY, ...policy };
  const board = new TargetBoard({ policy: fullPolicy, metrics, now: () => now });
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const attempt = createAttemptLoop({
    policy: fullPolicy,
    board,
    metrics,
    logger: createLogger({ service: 'test', level: 'warn', secrets: [], destination }),
    random,
    async sleep(ms, signal) {
      slept.push(ms);
      now += ms;
      onSleep(ms);
      signal.throwIfAborted();
    },
  });
  const options: Record<string, ModelOptions> = {};
  const targets: Record<string, Target> = {};
  const targetOf = (id: string): Target => {
    const { keys = 1 } = options[id] ?? {};
    const endpoints = Array.from({ length: keys }, (_, key) => ({ name: `key-${key}` }) as ModelProvider);
    targets[id] ??= { entry: { endpoints }, provider: 'acme', offline: false, model: id, id, label: id, facts: {} };
    return targets[id];
  };

  const contextOf = (context: Partial<CallContext> = {}): CallContext => ({
    requestId: 'request-1',
    traceparent: '',
    principal: { id: 'local' },
    deadline: performance.now() + 3_600_000,
    signal: caller.signal,
    ...context,
  });

  /** Asks the models in this order. */
  const ask = (ids: string[] = Object.keys(models), context: Partial<CallContext> = {}) =>
    attempt(ids.map(targetOf), contextOf(context), async ({ id }, { endpoint, context }) => {
      calls.push(id);
      keysUsed.push(endpoint.name);
      const replies = models[id] ?? [];
      const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? 'ok';
      const { headers } = options[id] ?? {};
      if (headers) context.onRateLimits?.(headers);
      if (typeof reply === 'function') return reply();
      if (reply !== 'ok') throw typeof reply === 'string' ? new AppError(reply) : reply;
      return `the answer of ${id}`;
    });

  return {
    board,
    metrics,
    calls,
    keysUsed,
    slept,
    lines,
    caller,
    options,
    targetOf,
    ask,
    /** Asks, settles the answer, and resolves with it. */
    async answer(ids?: string[], context?: Partial<CallContext>) {
      const answered = await ask(ids, context);
      answered.settle();
      return answered;
    },
    /** Asks, and resolves with how that failed. */
    async failure(ids?: string[], context?: Partial<CallContext>): Promise<AppError> {
      return ask(ids, context).then(
        () => Promise.reject(new Error('It answered.')),
        (thrown) => thrown,
      );
    },
    pass: (ms: number) => {
      now += ms;
    },
    onSleep: (listener: (ms: number) => void) => {
      onSleep = listener;
    },
  };
}

interface LoopOptions {
  policy?: Partial<RetryPolicy>;
  random?: () => number;
}

export const LIMITED = (retryAfterSeconds: number) => new AppError('RATE_LIMITED', undefined, { retryAfterSeconds });
export const WITHOUT_MONEY = () => new AppError('RATE_LIMITED', undefined, { retryable: false, retryAfterSeconds: 1 });
export const REFUSED_KEY = () =>
  new AppError('INFERENCE_ERROR', "The provider refused the platform's key.", { retryable: false });
