/** The command-line options of a benchmark part. */
export interface PartOptions {
  /** Runs short rounds, whose figures are printed but not written. */
  readonly isQuick: boolean;
  /** Measures although other programs use the machine. The figures are not written. */
  readonly toleratesLoad: boolean;
  /** Restricts the peers; empty for all. Figures of restricted runs are not written. */
  readonly peers: readonly string[];
  /** Aborts when the user interrupts the run. */
  readonly signal: AbortSignal;
}

/** Whether the figures are valid results, which are written. */
export function isReportable({ isQuick, toleratesLoad, peers }: PartOptions): boolean {
  return !isQuick && !toleratesLoad && peers.length === 0;
}
