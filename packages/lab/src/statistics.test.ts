import { describe, expect, it } from 'vitest';
import { quantile, summarise, summariseRatios } from './index.ts';

describe('statistics', () => {
  it('take a value that was measured, never one in between', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.99)).toBe(4);
    expect(quantile([4, 1, 3, 2], 0)).toBe(1);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('tell the middle and how far the rounds lie apart', () => {
    expect(summarise([10, 2, 3])).toEqual({ median: 3, min: 2, max: 10 });
  });

  it('compare round by round, so that a slow round of both is no difference', () => {
    expect(summariseRatios([10, 40, 11], [5, 20, 5.5])).toEqual({ median: 2, min: 2, max: 2 });
  });
});
