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

  it('returns the smallest value that at least the share of values does not exceed', () => {
    const values = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
    expect([0.05, 0.1, 0.11, 0.5, 0.51, 0.9, 1].map((share) => quantile(values, share))).toEqual([10, 10, 20, 50, 60, 90, 100]);
  });

  it('does not change the order of the given values', () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });

  it('reports rounds without a counterpart as not a number', () => {
    expect(summarizeRatios([1, 2], [1]).max).toBeNaN();
  });
});
