import type { AppError, ModelHealth } from '@prodigon/contracts';
import type { CircuitBreaker } from './circuit-breaker.ts';

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

/** `now` returns milliseconds since the epoch. */
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
