import { describe, expect, it } from 'vitest';
import { createAxis, formatValue } from './axis.ts';

const ticksOf = (...values: number[]) => createAxis(values, [0, 100]).ticks;

describe('the ticks of an axis', () => {
  it.each([
    [[5], [0, 1, 2, 3, 4, 5]],
    [[5.1], [0, 2, 4, 6]],
    [[10], [0, 2, 4, 6, 8, 10]],
    [[11], [0, 5, 10, 15]],
    [[25], [0, 5, 10, 15, 20, 25]],
    [[26], [0, 10, 20, 30]],
    [[50], [0, 10, 20, 30, 40, 50]],
    [[0.3], [0, 0.1, 0.2, 0.3]],
    [[7_000], [0, 2_000, 4_000, 6_000, 8_000]],
  ])('have steps of 1, 2 or 5 times a power of ten up to at least the largest of %j', (values, ticks) => {
    expect(ticksOf(...values)).toEqual(ticks);
  });

  it('begin at 0, or below the smallest negative value', () => {
    expect(ticksOf(40, 50)[0]).toBe(0);
    expect(ticksOf(-5, 45)).toEqual([-10, 0, 10, 20, 30, 40, 50]);
    expect(ticksOf(-10, -2)).toEqual([-10, -8, -6, -4, -2]);
  });

  it('cover one unit when all values are 0', () => {
    expect(ticksOf(0, 0)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  });
});

describe('the position of a value', () => {
  it('is proportional between the ends of the axis', () => {
    const { place } = createAxis([10], [100, 300]);
    expect([0, 2.5, 10].map(place)).toEqual([100, 150, 300]);
  });

  it('is the start of the axis for the first tick, also of a negative one', () => {
    const { place } = createAxis([-5, 45], [300, 0]);
    expect([-10, 0, 50].map(place)).toEqual([300, 250, 0]);
  });
});

describe('formatValue', () => {
  it.each([
    [0, '0'],
    [0.14449, '0.144'],
    [12.345, '12.3'],
    [999, '999'],
    [999.4, '999'],
    [1_000, '1,000'],
    [1_234.5, '1,235'],
    [12_699.6, '12,700'],
    [-1_234.4, '-1,234'],
  ])('formats %d as %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});
