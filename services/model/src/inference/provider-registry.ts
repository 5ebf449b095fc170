import { AppError, type ErrorCode, type ModelHealth } from '@prodigon/contracts';
import type { Metrics } from '@prodigon/platform';
import type { ModelProvider, ProviderRegistration, RateLimits } from '@prodigon/ports';
import { LRUCache } from 'lru-cache';
import { type CircuitBreaker, createCircuitBreakers, type RequestOrigin } from './circuit-breaker.ts';
import { createEndpointPool } from './endpoint-pool.ts';
import type { Target } from './model-catalog.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** Permission to make one provider call. Report its end with `succeed` or `fail`; only the first report counts. */
export interface CallPermit {
  readonly target: Target;
  readonly endpoint: ModelProvider;
  /** Latest rate limits that the response headers reported. */
  readonly rateLimits: RateLimits | null;
  recordRateLimits(limits: RateLimits): void;
  /** Marks the first content of a stream, `ttftMs` milliseconds after the request arrived. */
  onFirstToken(ttftMs: number): void;
  succeed(): void;
  /** Returns whether the circuit breaker is open for this request, because its provider is probably down. */
  fail(failure: AppError): boolean;
}

/** Reason why no call is permitted now, and the milliseconds until one may be. */
export interface Rejection {
  readonly failure: AppError;
  readonly waitMs: number;
}

/** Tracks the circuit breakers, endpoints, rate limits and health of all providers, and issues permits for calls. */
export interface ProviderRegistry {
  /** Pass one `origin` for all calls of a request. */
  acquire(target: Target, origin: RequestOrigin): CallPermit | Rejection;
  healthOf(registration: ProviderRegistration, id: string): ModelHealth;
}

export interface ProviderRegistryOptions {
  policy: Pick<RetryPolicy, 'breaker'>;
  metrics: Metrics;
  /** Milliseconds since the epoch. */
  now: () => number;
}

const MODELS_MAX = 512;
const BREAKER_STATE_VALUES = { closed: 0, half_open: 1, open: 2 } as const;

/** Failures that the circuit breaker counts. Invalid requests, rate limits and refused keys are not among them. */
const BREAKER_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'INFERENCE_ERROR',
  'SERVICE_UNAVAILABLE',
  'PROVIDER_UNREACHABLE',
  'DEADLINE_EXCEEDED',
]);
/** Failures that the model's health reports in addition. */
const HEALTH_ERRORS: ReadonlySet<ErrorCode> = new Set([
  ...BREAKER_ERRORS,
  'RATE_LIMITED',
  'QUOTA_EXHAUSTED',
  'PROVIDER_KEY_REFUSED',
]);

export function createProviderRegistry({ policy, metrics, now }: ProviderRegistryOptions): ProviderRegistry {
  const providers = new WeakMap<ProviderRegistration, ReturnType<typeof createState>>();

  function createState({ endpoints }: ProviderRegistration) {
    return {
      pool: createEndpointPool(endpoints, now),
      /** By model id with its parameters: a fault that one client simulates must not affect the others. */
      breakerOf: createCircuitBreakers({ ...policy.breaker, now }),
      /** By model id without parameters. */
      meters: new LRUCache<string, ModelHealthMeter>({ max: MODELS_MAX }),
    };
  }

  function stateOf(registration: ProviderRegistration) {
    const state = providers.get(registration) ?? createState(registration);
    providers.set(registration, state);
    return state;
  }

  function meterIn({ meters }: ReturnType<typeof createState>, id: string): ModelHealthMeter {
    const meter = meters.get(id) ?? createModelHealthMeter(now);
    meters.set(id, meter);
    return meter;
  }

  function exportState({ provider, label: model }: Target, { state }: CircuitBreaker): void {
    metrics.breakerState.set({ provider, model }, BREAKER_STATE_VALUES[state]);
  }

  return {
    acquire(target, origin) {
      const state = stateOf(target.registration);
      const { pool, breakerOf } = state;
      const breaker = breakerOf(target.model);
      const admission = breaker.admit(origin);
      exportState(target, breaker);
      if (!admission) {
        const { waitMs, lastError } = breaker;
        const cause = lastError ? ` Its last error: ${lastError.publicMessage}` : '';
        const message = `${target.id} failed several times in a row, so Prodigon does not call it for now.${cause}`;
        return { waitMs, failure: rejection('CIRCUIT_OPEN', message, waitMs, isOutage(target, breaker, origin)) };
      }
      const endpoint = pool.acquire(target.model);
      if ('waitMs' in endpoint) {
        breaker.release(admission);
        return { waitMs: endpoint.waitMs, failure: rejection('RATE_LIMITED', RATE_LIMIT_MESSAGE, endpoint.waitMs) };
      }

      const health = meterIn(state, target.id);
      const stateBefore = breaker.state;
      let rateLimits: RateLimits | null = null;
      let ttftMs: number | null = null;
      let isReportedToBreaker = false;
      let isEnded = false;

      const reportToBreaker = (failure?: AppError) => {
        if (isReportedToBreaker) return;
        isReportedToBreaker = true;
        if (!failure) breaker.recordSuccess();
        else if (BREAKER_ERRORS.has(failure.code) && (endpoint.provider.opensBreaker?.(target.model) ?? true)) {
          const concernsAll = failure.code === 'PROVIDER_UNREACHABLE';
          breaker.recordFailure(admission, { request: origin, error: failure, concernsAll });
        } else breaker.release(admission);
        if (breaker.state !== stateBefore) exportState(target, breaker);
      };

      return {
        target,
        endpoint: endpoint.provider,
        get rateLimits() {
          return rateLimits;
        },
        recordRateLimits(limits) {
          rateLimits = limits;
          pool.recordRateLimits(endpoint, target.model, limits);
        },
        onFirstToken(ms) {
          ttftMs = ms;
          // The first content of a probe proves that the model works again, so other requests need not wait for its end.
          if (breaker.state !== 'closed') reportToBreaker();
        },
        succeed() {
          if (isEnded) return;
          isEnded = true;
          pool.release(endpoint, target.model);
          reportToBreaker();
          health.recordSuccess(ttftMs);
        },
        fail(failure) {
          if (isEnded) return false;
          isEnded = true;
          pool.release(endpoint, target.model, failure);
          reportToBreaker(failure);
          if (HEALTH_ERRORS.has(failure.code)) health.recordFailure(failure);
          return isOutage(target, breaker, origin);
        },
      };
    },

    healthOf(registration, id) {
      const state = stateOf(registration);
      const breaker = state.breakerOf(id);
      // Other callers and requests can still use a model that fails for one of them.
      return meterIn(state, id).report(breaker.concernsAll ? breaker : CLOSED, state.pool.waitMs(id));
    },
  };
}

const CLOSED = { state: 'closed', waitMs: 0 } as const;
const RATE_LIMIT_MESSAGE = 'The model provider is at its rate limit. Try again later.';

/** Returns the failure of a request that reached no provider. */
function rejection(code: ErrorCode, message: string, waitMs: number, isCircuitOpen = false): AppError {
  return new AppError(code, message, { retryAfterSeconds: waitMs / 1_000, attempts: 0, isCircuitOpen });
}

/** An offline model has no outages: it fails only when its parameters say so, and waiting would not help. */
function isOutage({ offline }: Target, breaker: CircuitBreaker, origin: RequestOrigin): boolean {
  return !offline && breaker.isOpenFor(origin);
}

interface Call {
  readonly at: number;
  readonly isOk: boolean;
  readonly ttftMs: number | null;
}

/** Measures the health of one model from its recent calls. */
export interface ModelHealthMeter {
  /** `ttftMs` is the time to the first token in milliseconds, or null for a call that does not stream. */
  recordSuccess(ttftMs: number | null): void;
  recordFailure(failure: AppError): void;
  report(breaker: Pick<CircuitBreaker, 'state' | 'waitMs'>, rateLimitedForMs: number): ModelHealth;
}

const WINDOW_MS = 300_000;
const CALLS_MAX = 200;

/** Creates a health meter. `now` returns milliseconds since the epoch. */
export function createModelHealthMeter(now: () => number): ModelHealthMeter {
  let calls: Call[] = [];
  let lastError: ModelHealth['last_error'] = null;

  function record(call: Call): void {
    calls.push(call);
    if (calls.length > CALLS_MAX) calls = calls.slice(-CALLS_MAX / 2);
  }

  function stateOf(breakerState: CircuitBreaker['state'], rateLimitedForMs: number, lastCall?: Call): ModelHealth['state'] {
    if (breakerState === 'open') return 'unavailable';
    if (rateLimitedForMs > 0) return 'limited';
    if (breakerState === 'half_open') return 'failing';
    if (!lastCall) return 'unknown';
    return lastCall.isOk ? 'ok' : 'failing';
  }

  return {
    recordSuccess: (ttftMs) => record({ at: now(), isOk: true, ttftMs }),
    recordFailure({ code, message }) {
      const at = now();
      lastError = { code, message, at: new Date(at).toISOString() };
      record({ at, isOk: false, ttftMs: null });
    },
    report({ state, waitMs }, rateLimitedForMs) {
      const since = now() - WINDOW_MS;
      const recent = calls.filter(({ at }) => at >= since);
      const succeeded = recent.filter(({ isOk }) => isOk);
      const ttftsMs = succeeded.flatMap(({ ttftMs }) => ttftMs ?? []).sort((a, b) => a - b);
      const unavailableForMs = Math.max(waitMs, rateLimitedForMs);
      return {
        state: stateOf(state, rateLimitedForMs, recent.at(-1)),
        breaker: state,
        succeeded: succeeded.length,
        failed: recent.length - succeeded.length,
        ttft_p50_ms: ttftsMs[Math.floor(ttftsMs.length / 2)] ?? null,
        last_error: lastError,
        retry_after_s: unavailableForMs > 0 ? Math.ceil(unavailableForMs / 1_000) : null,
      };
    },
  };
}
