const INITIAL_DELAY_MS = 250;
const MAX_DELAY_MS = 10_000;
/** The backoff restarts after a process has run this long. */
const HEALTHY_UPTIME_MS = 30_000;

export interface Backoff {
  /** Returns the delay until the next start, given the uptime of the ended process, both in milliseconds. */
  delayAfter(uptimeMs: number): number;
  /** The number of consecutive crashes without a healthy uptime between them. */
  readonly failures: number;
  reset(): void;
}

/** Creates a backoff of 250 ms that doubles up to 10 s, and restarts at 250 ms after an uptime of 30 s. */
export function createBackoff(): Backoff {
  let failures = 0;
  return {
    delayAfter(uptimeMs) {
      if (uptimeMs >= HEALTHY_UPTIME_MS) failures = 0;
      failures += 1;
      return Math.min(INITIAL_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS);
    },
    get failures() {
      return failures;
    },
    reset() {
      failures = 0;
    },
  };
}
