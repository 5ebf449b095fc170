import type { AppError, ModelHealth } from '@prodigon/contracts';
import type { CircuitBreaker } from './circuit-breaker.ts';

interface Call {
  readonly at: number;
  readonly isOk: boolean;
  readonly ttftMs: number | null;
}

const WINDOW_MS = 300_000;
const CALLS_KEPT = 200;

/** What the calls of one model have shown lately. */
export class ModelHealthMeter {
  readonly #now: () => number;
  #calls: Call[] = [];
  #lastError: ModelHealth['last_error'] = null;
  #hasFailedLast = false;

  /** `now` in milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  succeeded(ttftMs: number | null): void {
    this.#hasFailedLast = false;
    this.#push({ at: this.#now(), isOk: true, ttftMs });
  }

  failed({ code, message }: AppError): void {
    this.#hasFailedLast = true;
    this.#lastError = { code, message, at: new Date(this.#now()).toISOString() };
    this.#push({ at: this.#now(), isOk: false, ttftMs: null });
  }

  report(breaker: CircuitBreaker, limitedForMs: number): ModelHealth {
    const since = this.#now() - WINDOW_MS;
    const calls = this.#calls.filter(({ at }) => at >= since);
    const ttfts = calls.flatMap(({ ttftMs }) => ttftMs ?? []).sort((a, b) => a - b);
    const waitMs = Math.max(breaker.waitMs, limitedForMs);
    return {
      state: this.#stateOf(breaker, limitedForMs, calls.length),
      breaker: breaker.state,
      succeeded: calls.filter(({ isOk }) => isOk).length,
      failed: calls.filter(({ isOk }) => !isOk).length,
      ttft_p50_ms: ttfts[Math.floor(ttfts.length / 2)] ?? null,
      last_error: this.#lastError,
      retry_after_s: waitMs > 0 ? Math.ceil(waitMs / 1_000) : null,
    };
  }

  #stateOf({ state }: CircuitBreaker, limitedForMs: number, calls: number): ModelHealth['state'] {
    if (state === 'open') return 'unavailable';
    if (limitedForMs > 0) return 'limited';
    if (state === 'half_open') return 'failing';
    if (calls === 0) return 'unknown';
    return this.#hasFailedLast ? 'failing' : 'ok';
  }

  #push(call: Call): void {
    this.#calls.push(call);
    if (this.#calls.length > CALLS_KEPT) this.#calls = this.#calls.slice(-CALLS_KEPT / 2);
  }
}
