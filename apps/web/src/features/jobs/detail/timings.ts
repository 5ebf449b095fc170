import type { ItemChange } from './item-change.ts';

/** The middle and the slow end, in milliseconds. */
export interface Spread {
  p50: number;
  p95: number;
}

export interface TimingSummary {
  /** How many answered prompts were measured. */
  count: number;
  wait: Spread;
  run: Spread;
}

const KEPT = 5_000;

/** How long prompts waited and how long their answers took, of those that this page has seen. */
export function createTimings() {
  const byIndex = new Map<number, { wait: number; run: number }>();
  return {
    record({ index, status, wait_ms, latency_ms }: ItemChange): void {
      if (status !== 'succeeded' || wait_ms === null || latency_ms === null) return;
      byIndex.delete(index);
      byIndex.set(index, { wait: wait_ms, run: latency_ms });
      const oldest = byIndex.keys().next();
      if (byIndex.size > KEPT && !oldest.done) byIndex.delete(oldest.value);
    },
    clear: () => byIndex.clear(),
    summary(): TimingSummary | null {
      if (byIndex.size === 0) return null;
      const all = [...byIndex.values()];
      return { count: all.length, wait: spreadOf(all.map(({ wait }) => wait)), run: spreadOf(all.map(({ run }) => run)) };
    },
  };
}

function spreadOf(values: number[]): Spread {
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
