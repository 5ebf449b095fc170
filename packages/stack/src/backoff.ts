const FIRST_MS = 250;
const LONGEST_MS = 10_000;
/** A process that lived this long was healthy: what killed it is a new matter. */
const HEALTHY_AFTER_MS = 30_000;

export interface Backoff {
  /** How long to wait before the next start, given how long the process that just ended had lived; both in milliseconds. */
  delayAfter(lifeMs: number): number;
  /** Ends in a row without a healthy life between them. */
  readonly failures: number;
  reset(): void;
}

/** 250 ms, doubling up to 10 s, and from the start again after a life of 30 s. */
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
