import type { Summary } from '../statistics.ts';
import { createAxis, formatValue } from './axis.ts';
import { COLORS, round, svgDocument, svgLine, svgText } from './svg.ts';

const WIDTH = 760;
const CHARACTER_WIDTH = 7;
const VALUES_WIDTH = 90;
const TOP = 48;
const BAR_HEIGHT = 22;
const BAR_STEP = 34;
const BOTTOM = 52;

export interface Bar {
  readonly name: string;
  /** The bar ends at the median; a thin line shows the spread. */
  readonly value: Summary;
  /** Draws the bar in the accent color. */
  readonly isEmphasized?: boolean;
}

export interface BarPlot {
  readonly title: string;
  /** The quantity with its unit, e.g. `CPU s per 1,000 requests (less is better)`. */
  readonly label: string;
  readonly bars: readonly Bar[];
}

/** Returns an SVG document with horizontal bars, each with its name and value. */
export function plotBars({ title, label, bars }: BarPlot): string {
  const left = 32 + CHARACTER_WIDTH * Math.max(...bars.map(({ name }) => name.length));
  const right = WIDTH - VALUES_WIDTH;
  const bottom = TOP + bars.length * BAR_STEP;
  const { ticks, place } = createAxis(
    bars.flatMap(({ value }) => [value.median, value.max]),
    [left, right],
  );
  const grid = ticks.flatMap((tick) => [
    svgLine([place(tick), TOP], [place(tick), bottom], 'grid'),
    svgText({ x: place(tick), y: bottom + 18, anchor: 'middle', className: 'quiet' }, formatValue(tick)),
  ]);
  const drawn = bars.flatMap(({ name, value, isEmphasized }, index) => {
    const y = TOP + index * BAR_STEP + (BAR_STEP - BAR_HEIGHT) / 2;
    const middle = y + BAR_HEIGHT / 2;
    const width = round(place(value.median) - left);
    const color = isEmphasized ? COLORS[0] : COLORS[5];
    return [
      svgText({ x: left - 10, y: middle + 4, anchor: 'end' }, name),
      `<rect x="${left}" y="${round(y)}" width="${width}" height="${BAR_HEIGHT}" fill="${color}"/>`,
      svgLine([place(value.min), middle], [place(value.max), middle], 'spread'),
      svgText({ x: Math.max(place(value.median), place(value.max)) + 8, y: middle + 4 }, formatValue(value.median)),
    ];
  });
  const axisLabel = svgText({ x: (left + right) / 2, y: bottom + 38, anchor: 'middle', className: 'quiet' }, label);
  return svgDocument({ width: WIDTH, height: bottom + BOTTOM, title }, [...grid, ...drawn, axisLabel]);
}
