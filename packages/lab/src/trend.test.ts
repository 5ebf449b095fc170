import { expect, it } from 'vitest';
import { fitTrend } from './trend.ts';

const line = (count: number, y: (x: number) => number) => Array.from({ length: count }, (_, x) => [x, y(x)] as const);
/** Deterministic pseudo-random numbers between -1 and 1. */
const noise = (x: number) => ((Math.imul(x + 1, 2_654_435_761) >>> 8) % 2_001) / 1_000 - 1;

it('computes slope and standard error as ordinary least squares does', () => {
  // Residuals of alternating sign have no positive autocorrelation, so the ordinary error applies: sqrt(4.8 / 3 / 10).
  const trend = fitTrend([
    [1, 2],
    [2, 1],
    [3, 4],
    [4, 3],
    [5, 6],
  ]);
  expect(trend?.slope).toBeCloseTo(1, 10);
  expect(trend?.standardError).toBeCloseTo(Math.sqrt(4.8 / 3 / 10), 10);
  expect(trend?.interval[0]).toBeCloseTo(1 - 3.182 * Math.sqrt(4.8 / 3 / 10), 10);
});

it('finds no trend in noise', () => {
  const trend = fitTrend(line(40, (x) => 30 + noise(x)));
  expect(trend?.verdict).toBe('indistinguishable from 0');
  expect(trend?.interval[0]).toBeLessThan(0);
  expect(trend?.interval[1]).toBeGreaterThan(0);
});

it('finds growth and shrinkage in spite of noise', () => {
  expect(fitTrend(line(40, (x) => 30 + 0.2 * x + noise(x)))?.verdict).toBe('grows');
  expect(fitTrend(line(40, (x) => 30 - 0.2 * x + noise(x)))?.verdict).toBe('shrinks');
});

it('finds no trend in a slow wave', () => {
  const wave = line(40, (x) => 30 + Math.sin(x / 7));
  const rare = wave.filter(([x]) => x % 10 === 0);
  expect(fitTrend(wave)?.verdict).toBe('indistinguishable from 0');
  expect(fitTrend(rare)?.verdict).toBe('indistinguishable from 0');
});

it('finds the exact slope of a line without noise', () => {
  expect(fitTrend(line(10, (x) => 3 * x))).toMatchObject({ slope: 3, verdict: 'grows' });
  expect(fitTrend(line(10, () => 3))).toMatchObject({ slope: 0, verdict: 'indistinguishable from 0' });
});

it('returns null for too few points', () => {
  expect(fitTrend(line(3, (x) => x))).toBeNull();
  expect(fitTrend([])).toBeNull();
  expect(fitTrend(Array.from({ length: 5 }, () => [1, 2] as const))).toBeNull();
});

it.each([
  [4, 4.303],
  [5, 3.182],
  [6, 2.776],
  [7, 2.571],
  [8, 2.447],
  [9, 2.365],
  [10, 2.306],
  [11, 2.262],
  [12, 2.228],
  // Beyond the table, Fisher's expansion approximates 2.2010, 2.1788 and 2.0423.
  [13, 2.19895],
  [14, 2.17725],
  [32, 2.04218],
])('computes the interval of %i independent points by the t-distribution', (count, quantile) => {
  const trend = fitTrend(line(count, (x) => (x % 2 === 0 ? 1 : -1)));
  const { slope, standardError, interval } = trend ?? { slope: 0, standardError: 0, interval: [0, 0] };
  expect((interval[1] - slope) / standardError).toBeCloseTo(quantile, 5);
  expect((slope - interval[0]) / standardError).toBeCloseTo(quantile, 5);
});

it('reduces the effective sample size by the autocorrelation of the residuals', () => {
  // Lag-1 autocorrelation 0.375: 8 points count as 8 × 0.625 / 1.375 = 3.64, which leaves one degree of freedom.
  const trend = fitTrend([0, 0, 2, 2, 2, 2, 0, 0].map((y, x) => [x, y]));
  const standardError = Math.sqrt(((8 / 6) * (1.375 / 0.625)) / 42);
  expect(trend?.slope).toBeCloseTo(0, 10);
  expect(trend?.standardError).toBeCloseTo(standardError, 10);
  expect(trend?.interval[1]).toBeCloseTo(12.706 * standardError, 10);
});

it('fits four points, the fewest with an estimate of the error', () => {
  expect(fitTrend(line(4, (x) => 2 * x))).toMatchObject({ slope: 2, standardError: 0, interval: [2, 2], verdict: 'grows' });
  expect(fitTrend(line(4, (x) => 5 - 2 * x))).toMatchObject({ slope: -2, interval: [-2, -2], verdict: 'shrinks' });
});

it('keeps the slope per unit of x for points that do not begin at 0', () => {
  const trend = fitTrend(line(8, (x) => 100 + x + noise(x)).map(([x, y]) => [1_000 + 60 * x, y]));
  const reference = fitTrend(line(8, (x) => 100 + x + noise(x)));
  expect(trend?.slope).toBeCloseTo((reference?.slope ?? 0) / 60, 10);
  expect(trend?.standardError).toBeCloseTo((reference?.standardError ?? 0) / 60, 10);
});
