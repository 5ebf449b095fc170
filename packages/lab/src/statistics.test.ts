import { describe, expect, it } from 'vitest';
import { quantile, summarize, summarizeRatios } from './index.ts';

describe('quantile, summarize and summarizeRatios', () => {
  it('returns a measured value as quantile, without interpolation', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.99)).toBe(4);
    expect(quantile([4, 1, 3, 2], 0)).toBe(1);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('summarizes values as median, minimum and maximum', () => {
    expect(summarize([10, 2, 3])).toEqual({ median: 3, min: 2, max: 10 });
  });

  it('forms ratios round by round, so that a round slow for both does not count', () => {
    expect(summarizeRatios([10, 40, 11], [5, 20, 5.5])).toEqual({ median: 2, min: 2, max: 2 });
  });
});
