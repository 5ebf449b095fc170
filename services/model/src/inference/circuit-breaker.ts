export interface CircuitBreakerOptions {
  /** So many failures in a row open it. */
  readonly failuresMax: number;
  /** How long it stays open at first, in milliseconds; twice as long after each probe that fails. */
  readonly openMs: number;
  readonly openMsMax: number;
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number;
}

/** Leave to make one call. Say exactly once what came of it. */
export interface Permit {
  succeeded(): void;
  failed(): void;
  /** It told nothing of the provider: the caller left, or the request itself was wrong. */
  settledOtherwise(): void;
}

/**
 * Keeps calls away from a model that fails again and again: closed, they pass; open, none does until the time is over;
 * half-open, one goes ahead as a probe and decides for the others.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #failures = 0;
  #openUntil: number | undefined;
  #openMs: number;
  #isProbing = false;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#openMs = options.openMs;
  }

  get state(): 'closed' | 'open' | 'half_open' {
    if (this.#openUntil === undefined) return 'closed';
    return this.#isProbing || this.#options.now() >= this.#openUntil ? 'half_open' : 'open';
  }

  /** Until the next call may pass, in milliseconds; 0 when one may now. */
  get waitMs(): number {
    if (this.#openUntil === undefined) return 0;
    const left = this.#openUntil - this.#options.now();
    // Nobody knows how long a probe takes.
    return left > 0 ? left : this.#isProbing ? this.#options.openMs : 0;
  }

  /** Null while no call may pass. */
  tryEnter(): Permit | null {
    if (this.waitMs > 0) return null;
    const isProbe = this.#openUntil !== undefined;
    if (isProbe) this.#isProbing = true;
    let isSettled = false;
    const once = (settle: () => void) => () => {
      if (isSettled) return;
      isSettled = true;
      settle();
    };
    return {
      succeeded: once(() => this.#close()),
      failed: once(() => this.#fail(isProbe)),
      settledOtherwise: once(() => {
        if (isProbe) this.#isProbing = false;
      }),
    };
  }

  #close(): void {
    this.#failures = 0;
    this.#openUntil = undefined;
    this.#isProbing = false;
    this.#openMs = this.#options.openMs;
  }

  #fail(isProbe: boolean): void {
    const { failuresMax, openMsMax, now } = this.#options;
    this.#failures += 1;
    if (isProbe) {
      this.#isProbing = false;
      this.#openMs = Math.min(openMsMax, this.#openMs * 2);
    } else if (this.#openUntil !== undefined || this.#failures < failuresMax) return;
    this.#openUntil = now() + this.#openMs;
  }
}
