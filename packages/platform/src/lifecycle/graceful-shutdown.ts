import { AppError } from '@prodigon/contracts';

export interface LifecycleOptions {
  /** How long open calls may go on after `drain()`, in milliseconds. */
  drainTimeoutMs: number;
  /** How long cut calls get to tell their callers, in milliseconds. */
  farewellMs?: number;
}

/**
 * One process's way from ready to stopped: unready first, so that no new work is sent here, then the
 * open calls finish, and those that do not are cut with an error their callers can read.
 */
export class Lifecycle {
  readonly #options: Required<LifecycleOptions>;
  readonly #calls = new Set<AbortController>();
  #draining: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: LifecycleOptions) {
    this.#options = { farewellMs: 1_000, ...options };
  }

  get isDraining(): boolean {
    return this.#draining !== undefined;
  }

  get activeCalls(): number {
    return this.#calls.size;
  }

  /** Counts a call as open until the returned function is called. */
  track(call: AbortController): () => void {
    this.#calls.add(call);
    return () => {
      this.#calls.delete(call);
      if (this.#calls.size === 0) this.#onIdle?.();
    };
  }

  /** Resolves when no call is open any more, or the open ones have been cut. Calling it again joins the first. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    if (await this.#isIdleWithin(this.#options.drainTimeoutMs)) return;
    const reason = new AppError('SERVICE_UNAVAILABLE', 'The service is shutting down.', { retryAfterSeconds: 1 });
    for (const call of this.#calls) call.abort(reason);
    await this.#isIdleWithin(this.#options.farewellMs);
  }

  async #isIdleWithin(ms: number): Promise<boolean> {
    if (this.#calls.size === 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), ms);
    this.#onIdle = () => resolve(true);
    const idle = await promise;
    clearTimeout(timer);
    return idle;
  }
}
