/** How a part is run. */
export interface PartOptions {
  /** Short rounds, to try something out: the figures are shown, but not kept. */
  readonly isQuick: boolean;
  /** Whether it measures although something else keeps the machine busy. Such figures are not kept either. */
  readonly toleratesLoad: boolean;
  /** Only these peers; all when empty. Such figures are not kept either. */
  readonly peers: readonly string[];
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
}

/** Whether the figures are worth keeping. */
export function isWhole({ isQuick, toleratesLoad, peers }: PartOptions): boolean {
  return !isQuick && !toleratesLoad && peers.length === 0;
}
