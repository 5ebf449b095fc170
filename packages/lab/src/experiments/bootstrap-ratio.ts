import type { Random } from '../random.ts';
import { studentQuantile } from '../trend.ts';

/** With fewer blocks, resampling cannot represent the spread of the blocks. */
export const BLOCKS_MIN = 5;
const RESAMPLES = 2_000;

export interface BootstrapRatio {
  readonly ratio: number;
  /** The 95 % interval. */
  readonly interval: readonly [low: number, high: number];
}

/**
 * Estimates the ratio of two arms from the values of each block: the mean of the logarithms of the ratios, with the expanded
 * percentile interval of a bootstrap that resamples blocks. Plain percentiles of few blocks are too narrow. The expansion makes
 * them as wide as Student's t demands (Hesterberg, "What Teachers Should Know About the Bootstrap", 2015).
 * Returns null for fewer than five blocks, or values that are not positive.
 */
export function bootstrapRatio(subject: readonly number[], baseline: readonly number[], random: Random): BootstrapRatio | null {
  const logarithms = subject.map((value, block) => Math.log(value / (baseline[block] ?? Number.NaN)));
  const count = logarithms.length;
  if (count < BLOCKS_MIN || count !== baseline.length || !logarithms.every(Number.isFinite)) return null;
  const means = Float64Array.from({ length: RESAMPLES }, () => meanOfResample(logarithms, random)).sort();
  const share = normalShare(-Math.sqrt(count / (count - 1)) * studentQuantile(count - 1));
  const mean = logarithms.reduce((sum, each) => sum + each, 0) / count;
  return { ratio: Math.exp(mean), interval: [Math.exp(quantileOf(means, share)), Math.exp(quantileOf(means, 1 - share))] };
}

function meanOfResample(values: readonly number[], random: Random): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[Math.floor(random() * values.length)] ?? 0;
  return sum / values.length;
}

/** Returns the quantile of sorted values, interpolated between neighbors. */
function quantileOf(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(position)] ?? Number.NaN, sorted[Math.ceil(position)] ?? Number.NaN];
  return low + (high - low) * (position - Math.floor(position));
}

/** Returns the share of a normal distribution below `z`, exact to seven digits (Abramowitz and Stegun, 26.2.17). */
function normalShare(z: number): number {
  if (z > 0) return 1 - normalShare(-z);
  const t = 1 / (1 - 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
