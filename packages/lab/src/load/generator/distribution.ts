import { createHistogram } from 'node:perf_hooks';
import type { Distribution } from '../load-result.ts';

const US_PER_MS = 1_000;
const LONGEST_US = 3_600_000_000;

/** Creates a histogram of durations in milliseconds. Its memory use does not depend on the number of values. */
export function createDistribution(): { add(ms: number): void; read(): Distribution } {
  const histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });
  return {
    add: (ms) => histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(ms * US_PER_MS)))),
    read: () =>
      histogram.count === 0
        ? null
        : {
            count: histogram.count,
            mean: histogram.mean / US_PER_MS,
            min: histogram.min / US_PER_MS,
            median: histogram.percentile(50) / US_PER_MS,
            p90: histogram.percentile(90) / US_PER_MS,
            p99: histogram.percentile(99) / US_PER_MS,
            max: histogram.max / US_PER_MS,
          },
  };
}
