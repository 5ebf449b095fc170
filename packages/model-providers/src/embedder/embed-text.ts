import { hashText, visitFeatures } from './text-features.ts';

/**
 * Returns the embedding of a text, a vector of length 1. Texts that share words or parts of words have similar vectors;
 * hashing does not capture meaning. The same text has the same vector on every machine.
 * Source: K. Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009.
 */
export function embedText(text: string, dimensions: number): Float32Array {
  const counts = new Map<number, number>();
  const weights = new Map<number, number>();
  visitFeatures(text, (hash, weight, times) => {
    counts.set(hash, (counts.get(hash) ?? 0) + times);
    weights.set(hash, weight);
  });

  const sums = new Float64Array(dimensions);
  for (const [hash, weight] of weights) {
    const index = (hash >>> 1) % dimensions;
    // Signs let features with the same index cancel out instead of adding up.
    const sign = (hash & 1) === 0 ? 1 : -1;
    // A word that occurs ten times is not ten times as important.
    sums[index] = (sums[index] ?? 0) + sign * weight * (1 + Math.log(counts.get(hash) ?? 1));
  }
  // A few features can cancel each other out completely.
  if (Math.hypot(...sums) < 1e-9) sums[(hashText(text) >>> 1) % dimensions] = 1;
  const length = Math.hypot(...sums);
  return Float32Array.from(sums, (sum) => sum / length);
}
