import type { LabPoint } from '@prodigon/contracts/workshop';
import { describe, expect, it } from 'vitest';
import { formatValue, layOutRunChart, toBlockRows } from './chart-layout.ts';

const point = (block: number, arm: string, rate: number): LabPoint => ({
  block,
  arm,
  started_at_ms: block * 1_000,
  values: { rate },
});
const POINTS = [point(0, 'rest', 2_400), point(0, 'grpc', 1_200), point(1, 'grpc', 1_300), point(1, 'rest', 2_500)];
const OPTIONS = { arms: ['rest', 'grpc'], metric: 'rate', width: 640, height: 220 };
const layOut = (points: LabPoint[], overlay: LabPoint[] | null = null) =>
  layOutRunChart({
    ...OPTIONS,
    run: { points, blocksTotal: 10 },
    overlay: overlay && { points: overlay, blocksTotal: 10 },
  });

describe('layOutRunChart', () => {
  it('draws a line per arm through its blocks, higher values further up', () => {
    const { series, plot } = layOut(POINTS);
    expect(series.map(({ arm, points }) => [arm, points.map(({ value }) => value)])).toEqual([
      ['rest', [2_400, 2_500]],
      ['grpc', [1_200, 1_300]],
    ]);
    const [rest, grpc] = series;
    expect(rest?.points[0]?.y).toBeLessThan(grpc?.points[0]?.y ?? 0);
    expect(rest?.points[1]?.x).toBeCloseTo(plot.left + ((plot.right - plot.left) / 10) * 1.5);
  });

  it('ends the axis at a round value just above the highest one', () => {
    expect(layOut(POINTS).ticks.map(({ value }) => value)).toEqual([0, 1_000, 2_000, 3_000]);
    expect(layOut([point(0, 'rest', 3_000)]).ticks.map(({ value }) => value)).toEqual([0, 1_000, 2_000, 3_000]);
    expect(layOut([]).ticks.map(({ value }) => value)).toEqual([0, 1]);
  });

  it('marks the newest block until the last one', () => {
    expect(layOut(POINTS).cursor).toMatchObject({ block: 2 });
    expect(layOut([]).cursor).toBeNull();
    expect(layOut([point(9, 'rest', 1)]).cursor).toBeNull();
  });

  it('draws the lines of another run below its own, on the same axes', () => {
    const { series, ticks } = layOut(POINTS, [point(0, 'rest', 5_000)]);
    expect(series.map(({ isOverlay }) => isOverlay)).toEqual([true, true, false, false]);
    expect(ticks.at(-1)?.value).toBe(6_000);
  });
});

it('lists the values by block and arm', () => {
  expect(toBlockRows(POINTS.slice(0, 3), ['rest', 'grpc'], 'rate')).toEqual([
    { block: 0, values: [2_400, 1_200] },
    { block: 1, values: [undefined, 1_300] },
  ]);
});

it.each([
  [2_410.4, '2,410'],
  [12.44, '12.4'],
  [0.0521, '0.0521'],
  [0, '0'],
])('formats %d as %s', (value, text) => {
  expect(formatValue(value)).toBe(text);
});
