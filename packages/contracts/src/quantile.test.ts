import { expect, it } from 'vitest';
import { quantile } from './quantile.ts';

it.each([
  [[], 0.5, null],
  [[7], 0, 7],
  [[7], 1, 7],
  [[2, 1], 0.5, 1],
  [[3, 1, 2], 0.5, 2],
  [[4, 3, 2, 1], 0.5, 2],
  [[10, 9, 1, 2], 0.51, 9],
  [Array.from({ length: 100 }, (_, index) => 100 - index), 0.95, 95],
  [[1, 2, 3], 0, 1],
  [[1, 2, 3], 1, 3],
])('quantile(%j, %d) is %d', (values, fraction, expected) => {
  expect(quantile(values, fraction)).toBe(expected);
});

it('leaves the list of values unchanged', () => {
  const values = [3, 1, 2];
  quantile(values, 0.5);
  expect(values).toEqual([3, 1, 2]);
});
