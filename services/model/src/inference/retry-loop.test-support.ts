import { AppError, type ErrorCode } from '@prodigon/contracts';
import { createLogger, createMetrics } from '@prodigon/platform';
import type { CallContext, ModelProvider, RateLimits } from '@prodigon/ports';
import type { Target } from './model-catalog.ts';
import { createProviderRegistry } from './provider-registry.ts';
import { createRetryLoop } from './retry-loop.ts';
import { DEFAULT_POLICY, type RetryPolicy } from './retry-policy.ts';

/** The result of one call: success, a failure, or the value of a function. */
type Reply = 'ok' | ErrorCode | AppError | (() => unknown);

/** `headers` are the rate limits that the provider sends with each response. */
interface ModelOptions {
  readonly headers?: RateLimits;
  readonly keys?: number;
}

interface LoopOptions {
  policy?: Partial<RetryPolicy>;
  random?: () => number;
}

/**
 * Creates a retry loop over scripted models. Each model has a list of replies, and the last one repeats. Sleeping takes
 * no time but advances the clock, and `random` is fixed.
 */
export function createLoopHarness(models: Record<string, Reply[]>, { policy = {}, random = () => 1 }: LoopOptions = {}) {
  let now = 1_000_000;
  const calls: string[] = [];
  const keysUsed: string[] = [];
  const sleptMs: number[] = [];
  const logLines: Record<string, unknown>[] = [];
  const caller = new AbortController();
  let onSleep: (ms: number) => void = () => {};
  const metrics = createMetrics();
  const fullPolicy: RetryPolicy = { ...DEFAULT_POLICY, ...policy };
  const registry = createProviderRegistry({ policy: fullPolicy, metrics, now: () => now });
  const destination = { write: (line: string) => void logLines.push(JSON.parse(line)) };
  const callWithRetries = createRetryLoop({
    policy: fullPolicy,
    registry,
    metrics,
    logger: createLogger({ service: 'test', level: 'warn', secrets: [], destination }),
    random,
    async sleep(ms, signal) {
      sleptMs.push(ms);
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
    targets[id] ??= {
      registration: { endpoints },
      provider: 'acme',
      offline: false,
      model: id,
      id,
      label: id,
      metadata: {},
    };
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

  /** Runs one request over the models in this order, without reporting the end of its permit. */
  const start = (ids: string[] = Object.keys(models), context: Partial<CallContext> = {}, fingerprint = 'one') =>
    callWithRetries({
      targets: ids.map(targetOf),
      context: contextOf(context),
      fingerprint: () => fingerprint,
      operation: async ({ target: { id }, endpoint }, context) => {
        calls.push(id);
        keysUsed.push(endpoint.name);
        const replies = models[id] ?? [];
        const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? 'ok';
        const { headers } = options[id] ?? {};
        if (headers) context.onRateLimits?.(headers);
        if (typeof reply === 'function') return reply();
        if (reply !== 'ok') throw typeof reply === 'string' ? new AppError(reply) : reply;
        return `the response of ${id}`;
      },
    });

  return {
    metrics,
    calls,
    keysUsed,
    sleptMs,
    logLines,
    caller,
    options,
    start,
    targetOf,
    acquire: (id: string) => registry.acquire(targetOf(id), { caller: 'local', fingerprint: 'one' }),
    healthOf: (id: string) => registry.healthOf(targetOf(id).registration, id),
    /** Runs one request, and resolves with its success. */
    async succeed(ids?: string[], context?: Partial<CallContext>, fingerprint?: string) {
      const success = await start(ids, context, fingerprint);
      success.permit.succeed();
      return success;
    },
    /** Runs one request, and resolves with its failure. */
    async fail(ids?: string[], context?: Partial<CallContext>, fingerprint?: string): Promise<AppError> {
      return start(ids, context, fingerprint).then(
        () => Promise.reject(new Error('The request succeeded.')),
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

export const rateLimited = (retryAfterSeconds: number) => new AppError('RATE_LIMITED', undefined, { retryAfterSeconds });
