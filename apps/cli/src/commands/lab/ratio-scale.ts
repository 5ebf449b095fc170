import type { RatioRange } from '@prodigon/contracts/workshop';
import type { Glyphs } from '../../text-glyphs.ts';

export interface ScaleRow {
  readonly label: string;
  /** Null bounds reach beyond the scale. */
  readonly range: RatioRange;
  /** A value within the range, drawn as a point. */
  readonly point?: number;
  readonly text: string;
}

const LABEL_COLUMNS = 11;
const TICKS_MAX = 7;
/** The part of a power of two beyond the outermost bounds. */
const PADDING = 0.15;

/** Returns ratios with three significant digits, e.g. `1.42` or `12.3`. */
export const formatRatio = (ratio: number): string =>
  Math.abs(ratio) >= 1000 ? Math.round(ratio).toLocaleString('en') : String(Number(ratio.toPrecision(3)));

/** Returns a range in words, e.g. `2 to 5` or `at least 2`. */
export function formatRange({ from, to }: RatioRange): string {
  if (from !== null && to !== null) return `${formatRatio(from)} to ${formatRatio(to)}`;
  if (from !== null) return `at least ${formatRatio(from)}`;
  return to === null ? 'any' : `below ${formatRatio(to)}`;
}

/** Draws ranges of a ratio below each other on one logarithmic scale, with their text on the right. */
export function drawRatioScale(rows: readonly ScaleRow[], columns: number, glyphs: Glyphs): string[] {
  const textColumns = Math.max(...rows.map(({ text }) => text.length));
  const width = Math.max(16, columns - 2 - LABEL_COLUMNS - 2 - textColumns);
  const bounds = rows.flatMap(({ range, point }) => [range.from, range.to, point ?? null]).filter((bound) => isOnScale(bound));
  const low = Math.log2(Math.min(0.5, ...bounds)) - PADDING;
  const high = Math.log2(Math.max(2, ...bounds)) + PADDING;
  const columnOf = (ratio: number) => Math.round(((Math.log2(ratio) - low) / (high - low)) * (width - 1));
  const prefix = ' '.repeat(2 + LABEL_COLUMNS);
  const lines = drawAxis(low, high, width, columnOf, glyphs).map((line) => (prefix + line).trimEnd());
  for (const { label, range, point, text } of rows) {
    const cells = Array<string>(width).fill(' ');
    const from = isOnScale(range.from) ? columnOf(range.from) : 0;
    const to = isOnScale(range.to) ? columnOf(range.to) : width - 1;
    cells.fill(point === undefined ? glyphs.bar : glyphs.horizontal, from, to + 1);
    if (point !== undefined && to > from) [cells[from], cells[to]] = [glyphs.left, glyphs.right];
    if (!isOnScale(range.from)) cells[0] = glyphs.arrowLeft;
    if (range.to === null) cells[width - 1] = glyphs.arrowRight;
    if (isOnScale(point)) cells[columnOf(point)] = glyphs.point;
    lines.push(`  ${label.padEnd(LABEL_COLUMNS)}${cells.join('')}  ${text}`);
  }
  return lines;
}

const isOnScale = (bound: number | null | undefined): bound is number => bound !== null && bound !== undefined && bound > 0;

/** Returns the numbers and the ticks at powers of two, or of a higher base on a long scale. */
function drawAxis(low: number, high: number, width: number, columnOf: (ratio: number) => number, glyphs: Glyphs): string[] {
  const step = Math.ceil((high - low) / TICKS_MAX);
  const exponents = [];
  for (let exponent = Math.ceil(low / step) * step; exponent <= high; exponent += step) exponents.push(exponent);
  const numbers = Array<string>(width).fill(' ');
  const ticks = Array<string>(width).fill(glyphs.horizontal);
  let free = 0;
  for (const exponent of exponents) {
    const column = columnOf(2 ** exponent);
    ticks[column] = glyphs.tick;
    const text = formatRatio(2 ** exponent);
    const start = Math.min(width - text.length, Math.max(0, column - Math.floor(text.length / 2)));
    if (start < free) continue;
    for (const [index, character] of [...text].entries()) numbers[start + index] = character;
    free = start + text.length + 1;
  }
  return [numbers.join(''), ticks.join('')];
}
