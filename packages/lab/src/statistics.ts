export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summarise(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** By nearest rank; `share` from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Each value by the one of the same round: what disturbs a whole round cancels out. */
export function summariseRatios(values: readonly number[], others: readonly number[]): Summary {
  return summarise(values.map((value, round) => value / (others[round] ?? Number.NaN)));
}
