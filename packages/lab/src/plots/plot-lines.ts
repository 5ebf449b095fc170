import { createAxis, formatValue } from './axis.ts';
import { COLORS, round, svgDocument, svgLine, svgText } from './svg.ts';

const WIDTH = 760;
const HEIGHT = 380;
const LEFT = 72;
const RIGHT = WIDTH - 24;
const TOP = 84;
const BOTTOM = HEIGHT - 56;
const LEGEND_GAP = 28;
const CHARACTER_WIDTH = 7.5;

export interface PlottedLine {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinePlot {
  readonly title: string;
  /** The quantity on each axis, with its unit. */
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly PlottedLine[];
}

/** Returns an SVG document with lines over a common x axis and a legend. */
export function plotLines({ title, xLabel, yLabel, lines }: LinePlot): string {
  const points = lines.flatMap((line) => line.points);
  const across = createAxis(
    points.map(([x]) => x),
    [LEFT, RIGHT],
  );
  const up = createAxis(
    points.map(([, y]) => y),
    [BOTTOM, TOP],
  );
  const grid = [
    ...up.ticks.flatMap((tick) => [
      svgLine([LEFT, up.place(tick)], [RIGHT, up.place(tick)], 'grid'),
      svgText({ x: LEFT - 8, y: up.place(tick) + 4, anchor: 'end', className: 'quiet' }, formatValue(tick)),
    ]),
    ...across.ticks.map((tick) =>
      svgText({ x: across.place(tick), y: BOTTOM + 18, anchor: 'middle', className: 'quiet' }, formatValue(tick)),
    ),
  ];
  const drawn = lines.map((line, index) => {
    const path = line.points.map(([x, y]) => `${round(across.place(x))},${round(up.place(y))}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colorOf(index)}" stroke-width="2"/>`;
  });
  const labels = [
    svgText({ x: (LEFT + RIGHT) / 2, y: HEIGHT - 16, anchor: 'middle', className: 'quiet' }, xLabel),
    svgText({ x: LEFT, y: TOP - 12, className: 'quiet' }, yLabel),
  ];
  return svgDocument({ width: WIDTH, height: HEIGHT, title }, [...grid, ...drawn, ...labels, ...legendOf(lines)]);
}

function legendOf(lines: readonly PlottedLine[]): string[] {
  let x = 16;
  return lines.flatMap(({ name }, index) => {
    const begin = x;
    x += LEGEND_GAP + name.length * CHARACTER_WIDTH + LEGEND_GAP / 2;
    return [
      `<rect x="${round(begin)}" y="42" width="16" height="8" fill="${colorOf(index)}"/>`,
      svgText({ x: begin + 22, y: 51 }, name),
    ];
  });
}

const colorOf = (index: number) => COLORS[index % COLORS.length] ?? COLORS[0];
