import { expect, it } from 'vitest';
import { createDistribution } from './distribution.ts';

function distributionOf(...values: number[]) {
  const { add, read } = createDistribution();
  for (const value of values) add(value);
  return read();
}

it('reads null without any value', () => {
  expect(distributionOf()).toBeNull();
});

it('reads count, mean, extremes and percentiles in milliseconds', () => {
  const values = Array.from({ length: 200 }, (_, index) => index + 1);
  const read = distributionOf(...values);
  const expected = { mean: 100.5, min: 1, median: 100, p90: 180, p99: 198, max: 200 };
  expect(read?.count).toBe(200);
  for (const [name, value] of Object.entries(expected))
    expect(Math.abs((read?.[name as keyof typeof expected] ?? 0) / value - 1), name).toBeLessThan(0.002);
});

it('rounds durations to microseconds and counts shorter ones as one microsecond', () => {
  expect(distributionOf(0.0026)).toMatchObject({ min: 0.003, max: 0.003 });
  expect(distributionOf(0.0024)?.max).toBe(0.002);
  expect(distributionOf(0)?.max).toBe(0.001);
  expect(distributionOf(-5)?.max).toBe(0.001);
});

it('counts durations of more than an hour as an hour', () => {
  const read = distributionOf(9e9);
  expect(read?.count).toBe(1);
  expect((read?.max ?? 0) / 3_600_000).toBeCloseTo(1, 2);
});
