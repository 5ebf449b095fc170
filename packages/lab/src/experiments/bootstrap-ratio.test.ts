import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { bootstrapRatio } from './bootstrap-ratio.ts';
import { effectOf } from './effect.ts';
import { createSyntheticBlocks } from './synthetic-blocks.test-support.ts';

const MARGIN = 0.1;
const RUNS = 1_000;

/** Returns the estimates of synthetic runs with this ratio. */
function estimate(ratio: number, blocks: number) {
  const random = createRandom(7);
  return Array.from({ length: RUNS }, () => {
    const { subject, baseline } = createSyntheticBlocks({ blocks, ratio, random });
    const result = bootstrapRatio(subject, baseline, random);
    if (!result) throw new Error('The synthetic run has no estimate.');
    return result;
  });
}

const countOf = <Each>(values: readonly Each[], matches: (value: Each) => boolean) => values.filter(matches).length;

describe('bootstrapRatio', () => {
  it('returns the geometric mean of the ratios of the blocks', () => {
    const ratio = bootstrapRatio([2, 8, 4, 4, 4], [1, 1, 1, 1, 1], createRandom(1));
    expect(ratio?.ratio).toBeCloseTo(4);
  });

  it('repeats an estimate with the same seed, and not with another one', () => {
    const values = createSyntheticBlocks({ blocks: 10, ratio: 1.2, random: createRandom(3) });
    const estimateWith = (seed: number) => bootstrapRatio(values.subject, values.baseline, createRandom(seed));
    expect(estimateWith(1)).toEqual(estimateWith(1));
    expect(estimateWith(1)?.interval).not.toEqual(estimateWith(2)?.interval);
  });

  it('has no estimate for fewer than five blocks, missing blocks or values that are not positive', () => {
    const random = createRandom(1);
    expect(bootstrapRatio([1, 1, 1, 1], [1, 1, 1, 1], random)).toBeNull();
    expect(bootstrapRatio([1, 1, 1, 1, 1], [1, 1, 1, 1], random)).toBeNull();
    expect(bootstrapRatio([1, 1, 1, 1, 0], [1, 1, 1, 1, 1], random)).toBeNull();
    expect(bootstrapRatio([1, 1, 1, 1, 1], [1, 1, 1, 1, Number.NaN], random)).toBeNull();
  });

  it.each([{ blocks: 10 }, { blocks: 14 }])('covers the true ratio in 93 % of 1,000 runs with $blocks blocks', ({ blocks }) => {
    const covered = countOf(estimate(1.3, blocks), ({ interval: [low, high] }) => low <= 1.3 && 1.3 <= high);
    expect(covered / RUNS).toBeGreaterThanOrEqual(0.93);
  });

  it('detects a ratio of 1.3 in at least 99 % of the runs', () => {
    const detected = countOf(estimate(1.3, 14), ({ interval }) => effectOf(interval, MARGIN) === 'more');
    expect(detected / RUNS).toBeGreaterThan(0.99);
  });

  it('finds no effect between equal arms in 1,000 runs', () => {
    const effects = estimate(1, 10).map(({ interval }) => effectOf(interval, MARGIN));
    expect(countOf(effects, (effect) => effect === 'more' || effect === 'less')).toBe(0);
  });
});
