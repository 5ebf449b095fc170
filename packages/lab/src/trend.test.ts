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
