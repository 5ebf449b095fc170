export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summarize(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** Returns the quantile by the nearest-rank method. `share` is from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Summarizes the ratios of each round, so that a disturbance of a whole round cancels out. */
export function summarizeRatios(values: readonly number[], others: readonly number[]): Summary {
  return summarize(values.map((value, round) => value / (others[round] ?? Number.NaN)));
}
