const FIRST_MS = 250;
const LONGEST_MS = 10_000;
/** A process that lived this long was healthy, so its crash starts a new series. */
const HEALTHY_AFTER_MS = 30_000;

export interface Backoff {
  /** Returns the milliseconds until the next start, given the milliseconds that the ended process had lived. */
  delayAfter(lifeMs: number): number;
  /** Crashes in a row without a healthy life between them. */
  readonly failures: number;
  reset(): void;
}

/** Creates a backoff of 250 ms that doubles up to 10 s, and restarts at 250 ms after a life of 30 s. */
export function createBackoff(): Backoff {
  let failures = 0;
  return {
    delayAfter(lifeMs) {
      if (lifeMs >= HEALTHY_AFTER_MS) failures = 0;
      failures += 1;
      return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
    },
    get failures() {
      return failures;
    },
    reset() {
      failures = 0;
    },
  };
}
