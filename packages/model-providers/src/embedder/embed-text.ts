import { hashText } from './hash-text.ts';
import { eachFeature } from './text-features.ts';

/**
 * A text as a vector of length 1: texts that share words, or parts of words, point in near directions.
 * The same text gives the same vector on every machine. It hashes; it understands nothing.
 * Source: K. Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009.
 */
export function embedText(text: string, dimensions: number): Float32Array {
  const counts = new Map<number, number>();
  const weights = new Map<number, number>();
  eachFeature(text, (hash, weight, times) => {
    counts.set(hash, (counts.get(hash) ?? 0) + times);
    weights.set(hash, weight);
  });

  const sums = new Float64Array(dimensions);
  for (const [hash, weight] of weights) {
    const index = (hash >>> 1) % dimensions;
    // The sign lets features that fall on the same place cancel out instead of adding up.
    const sign = (hash & 1) === 0 ? 1 : -1;
    // A word that comes ten times is not ten times the subject.
    sums[index] = (sums[index] ?? 0) + sign * weight * (1 + Math.log(counts.get(hash) ?? 1));
  }
  // Features can cancel each other out entirely where there are few of them.
  if (Math.hypot(...sums) < 1e-9) sums[(hashText(text) >>> 1) % dimensions] = 1;
  const length = Math.hypot(...sums);
  return Float32Array.from(sums, (sum) => sum / length);
}
