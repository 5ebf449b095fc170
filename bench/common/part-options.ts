/** How a part is run. */
export interface PartOptions {
  /** Short rounds, to try something out: the figures are shown, but not kept. */
  readonly isQuick: boolean;
  /** Whether it measures although something else keeps the machine busy. Such figures are not kept either. */
  readonly toleratesLoad: boolean;
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
}
