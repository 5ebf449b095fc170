import { expect, it } from 'vitest';
import { axisMax } from './axis.ts';

it.each([
  [0, 1],
  [1, 1],
  [7, 10],
  [12, 20],
  [201, 500],
  [0.03, 0.05],
  [0.0009, 0.001],
])('rounds the axis maximum for %d up to %d', (most, end) => expect(axisMax(most)).toBeCloseTo(end, 12));
