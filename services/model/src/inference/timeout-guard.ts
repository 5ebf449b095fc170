import { AppError } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import type { InferenceTimeouts } from './timeouts.ts';

/**
 * One call of a provider: its own abort controller, so that nothing piles up on the caller's signal, and
 * the clocks for the first token and for silence. They only run while we wait for the provider: a
 * reader that is slow does not make the provider late.
 */
export class Attempt {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #timeouts: InferenceTimeouts;
  #timer: NodeJS.Timeout;
  #isWaiting = false;

  constructor(caller: AbortSignal, timeouts: InferenceTimeouts) {
    this.#caller = caller;
    this.#timeouts = timeouts;
    this.#timer = this.#clock(timeouts.firstTokenMs, 'The model took too long to begin its answer.');
    if (caller.aborted) this.#controller.abort(caller.reason);
    else caller.addEventListener('abort', this.#onCallerAbort, { once: true });
  }

  /** What the provider is given instead of the caller's context. */
  contextFor(context: CallContext): CallContext {
    return { ...context, signal: this.#controller.signal };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Its next step, under the clock that runs now. Not an async function: each of those costs every token some turns. */
  next<Value>(iterator: AsyncIterator<Value>): Promise<IteratorResult<Value>> {
    this.#timer.refresh();
    this.#isWaiting = true;
    return iterator.next();
  }

  /** What was waited for has come, or has failed. */
  hasCome(): void {
    this.#isWaiting = false;
  }

  /** From now on, silence is what is measured. */
  contentHasBegun(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#clock(this.#timeouts.idleMs, 'The model stopped in the middle of its answer.');
  }

  abort(reason: AppError): void {
    this.#controller.abort(reason);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#onCallerAbort);
  }

  #onCallerAbort = () => this.#controller.abort(this.#caller.reason);

  #clock(ms: number, message: string): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#isWaiting) this.#controller.abort(new AppError('DEADLINE_EXCEEDED', message));
    }, ms);
  }
}
