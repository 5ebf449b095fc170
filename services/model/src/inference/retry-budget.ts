export interface RetryBudgetOptions {
  /** What each request adds. With 0.2, one call in five may be a repeated one when it goes on like that. */
  readonly ratio: number;
  /** What may be saved up, and what there is at first. */
  readonly max: number;
}

/**
 * How many calls may be repeated, in relation to the requests there are: so that a provider in trouble meets a little
 * more load than usual and not four times as much.
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #left: number;

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#left = options.max;
  }

  /** A request has come that was not there before. */
  deposit(): void {
    this.#left = Math.min(this.#options.max, this.#left + this.#options.ratio);
  }

  /** Whether one more call may be repeated, which counts as done. */
  withdraw(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
