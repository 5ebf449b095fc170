/**
 * Returns the quantile of `values` by nearest rank: the smallest value that at least the given fraction of all values
 * does not exceed. `fraction` lies between 0 and 1. Returns null for an empty list.
 */
export function quantile(values: readonly number[], fraction: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? null;
}
