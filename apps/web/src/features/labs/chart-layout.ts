import type { LabPoint } from '@prodigon/contracts/workshop';
import { axisMax } from '../../design/axis.ts';

/** Space around the plot, in pixels. */
const MARGIN = { left: 52, right: 12, top: 12, bottom: 26 };
const TICKS = 3;

export interface ChartSeries {
  arm: string;
  /** Position among the arms, which selects color, dashes and marker. */
  place: number;
  isOverlay: boolean;
  points: readonly { x: number; y: number; block: number; value: number }[];
}

export interface RunChartLayout {
  plot: { left: number; right: number; top: number; bottom: number };
  ticks: readonly { value: number; y: number }[];
  /** Every second block is shaded. */
  bands: readonly { x: number; width: number }[];
  blocks: number;
  /** Where the newest block is; null before the first and after the last. */
  cursor: { x: number; block: number } | null;
  series: readonly ChartSeries[];
}

interface RunPoints {
  points: readonly LabPoint[];
  blocksTotal: number;
}

interface ChartOptions {
  run: RunPoints;
  /** Another run to compare with, drawn faintly. */
  overlay: RunPoints | null;
  arms: readonly string[];
  metric: string;
  width: number;
  height: number;
}

/** Lays out the value of a metric for each arm by block. */
export function layOutRunChart({ run, overlay, arms, metric, width, height }: ChartOptions): RunChartLayout {
  const plot = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const all = [...run.points, ...(overlay?.points ?? [])];
  const measured = 1 + Math.max(-1, ...run.points.map(({ block }) => block));
  const blocks = Math.max(1, run.blocksTotal, 1 + Math.max(-1, ...all.map(({ block }) => block)));
  const band = (plot.right - plot.left) / blocks;
  const max = Math.max(0, ...all.map(({ values }) => values[metric] ?? 0));
  const step = axisMax(max / TICKS);
  const ticks = Math.max(1, Math.ceil(max / step - 1e-9));
  const yOf = (value: number) => plot.bottom - (value / (ticks * step)) * (plot.bottom - plot.top);
  const xOf = (block: number) => plot.left + (block + 0.5) * band;

  const toSeries = (points: readonly LabPoint[], isOverlay: boolean) =>
    arms.map((arm, place) => ({
      ...{ arm, place, isOverlay },
      points: points
        .filter((point) => point.arm === arm && point.values[metric] !== undefined)
        .sort((a, b) => a.block - b.block)
        .map(({ block, values }) => ({ x: xOf(block), y: yOf(values[metric] ?? 0), block, value: values[metric] ?? 0 })),
    }));
  return {
    plot,
    ticks: Array.from({ length: ticks + 1 }, (_, index) => ({ value: index * step, y: yOf(index * step) })),
    bands: Array.from({ length: Math.floor(blocks / 2) }, (_, index) => ({ x: plot.left + (2 * index + 1) * band, width: band })),
    blocks,
    cursor: measured > 0 && measured < run.blocksTotal ? { x: xOf(measured - 1), block: measured } : null,
    series: [...(overlay ? toSeries(overlay.points, true) : []), ...toSeries(run.points, false)],
  };
}

export interface BlockRow {
  block: number;
  /** By arm; undefined if it was not measured yet. */
  values: readonly (number | undefined)[];
}

/** The same values as rows of a table. */
export function toBlockRows(points: readonly LabPoint[], arms: readonly string[], metric: string): BlockRow[] {
  const blocks = [...new Set(points.map(({ block }) => block))].sort((a, b) => a - b);
  return blocks.map((block) => ({
    block,
    values: arms.map((arm) => points.find((point) => point.block === block && point.arm === arm)?.values[metric]),
  }));
}

/** `2,410`, `12.4` or `0.052`: three significant digits below a thousand. */
export function formatValue(value: number): string {
  return Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString('en')
    : value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
