const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** While our own model service is away, asking it again and again would only wear the items out. */
export class ModelPause {
  #until = Number.NEGATIVE_INFINITY;
  #ms = 0;

  get isOn(): boolean {
    return performance.now() < this.#until;
  }

  /** Begins a pause, twice as long as the one before, and returns its length in milliseconds. */
  begin(): number {
    this.#ms = Math.min(LONGEST_MS, Math.max(FIRST_MS, this.#ms * 2));
    this.#until = performance.now() + this.#ms;
    return this.#ms;
  }

  /** It has answered. */
  end(): void {
    this.#until = Number.NEGATIVE_INFINITY;
    this.#ms = 0;
  }
}
