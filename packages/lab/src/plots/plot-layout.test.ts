import { describe, expect, it } from 'vitest';
import { plotBars, plotLines } from '../index.ts';

type Attributes = Readonly<Record<string, string>>;

/** Returns the attributes of all elements with this name, and their text as `text`. */
function elements(svg: string, name: string): Attributes[] {
  return [...svg.matchAll(new RegExp(`<${name} ([^>]*?)/?>([^<]*)`, 'g'))].map(([, attributes = '', text = '']) => ({
    ...Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
    text,
  }));
}
const numbers = (element: Attributes | undefined, ...names: string[]) => names.map((name) => Number(element?.[name]));
const textAt = (svg: string, text: string) => {
  const found = elements(svg, 'text').find((element) => element.text === text);
  return [...numbers(found, 'x', 'y'), found?.['text-anchor'], found?.class];
};

describe('plotBars', () => {
  // The longest name has eight characters, so the bars begin at 32 + 8 × 7 = 88 and end before 760 − 90 = 670.
  const svg = plotBars({
    title: 'CPU',
    label: 'CPU s',
    bars: [
      { name: 'fast', value: { median: 2, min: 1, max: 4 }, isEmphasized: true },
      { name: 'much', value: { median: 10, min: 9, max: 9.5 } },
      { name: 'baseline', value: { median: 5, min: 5, max: 5 } },
    ],
  });
  const bars = elements(svg, 'rect').filter(({ height }) => height === '22');

  it('draws one bar per row from the common start to the median', () => {
    expect(bars.map((bar) => numbers(bar, 'x', 'y', 'width'))).toEqual([
      [88, 54, 116.4],
      [88, 88, 582],
      [88, 122, 291],
    ]);
  });

  it('draws emphasized bars in the accent color and the others in gray', () => {
    expect(bars.map(({ fill }) => fill)).toEqual(['#2a78d6', '#7a7f87', '#7a7f87']);
  });

  it('draws the spread from minimum to maximum through the middle of each bar', () => {
    const spreads = elements(svg, 'line').filter((line) => line.class === 'spread');
    expect(spreads.map((line) => numbers(line, 'x1', 'y1', 'x2', 'y2'))).toEqual([
      [146.2, 65, 320.8, 65],
      [611.8, 99, 640.9, 99],
      [379, 133, 379, 133],
    ]);
  });

  it('writes names before the bars, and values after the bar and its spread', () => {
    expect(textAt(svg, 'fast')).toEqual([78, 69, 'end', undefined]);
    const values = elements(svg, 'text').filter((text) => text['text-anchor'] === 'start' && !text.class);
    expect(values.map((text) => [text.text, ...numbers(text, 'x', 'y')])).toEqual([
      ['2', 328.8, 69],
      ['10', 678, 103],
      ['5', 387, 137],
    ]);
  });

  it('draws a grid line and a label for each tick, and the axis label below', () => {
    const grid = elements(svg, 'line').filter((line) => line.class === 'grid');
    expect(grid.map((line) => numbers(line, 'x1', 'y1', 'x2', 'y2')).slice(0, 2)).toEqual([
      [88, 48, 88, 150],
      [204.4, 48, 204.4, 150],
    ]);
    expect(grid).toHaveLength(6);
    expect(textAt(svg, '8')).toEqual([553.6, 168, 'middle', 'quiet']);
    expect(textAt(svg, 'CPU s')).toEqual([379, 188, 'middle', 'quiet']);
    expect(svg).toContain('viewBox="0 0 760 202"');
  });
});

describe('plotLines', () => {
  const svg = plotLines({
    ...{ title: 'Heap', xLabel: 'minutes', yLabel: 'MB' },
    lines: Array.from({ length: 7 }, (_, index) => ({
      name: index === 0 ? 'gateway' : `line ${index}`,
      points: [
        [0, 0],
        [5, 20 - index],
        [10, 40],
      ],
    })),
  });

  it('draws each line through its points in the plot area', () => {
    expect(elements(svg, 'polyline')[0]?.points).toBe('72,324 404,204 736,84');
  });

  it('repeats the colors after the sixth line', () => {
    const strokes = elements(svg, 'polyline').map(({ stroke }) => stroke);
    expect(new Set(strokes).size).toBe(6);
    expect(strokes[6]).toBe(strokes[0]);
  });

  it('lists the lines in a legend above the plot, with space for their names', () => {
    const legend = elements(svg, 'rect').filter(({ height }) => height === '8');
    expect(legend.map((rect) => numbers(rect, 'x', 'y', 'width')).slice(0, 3)).toEqual([
      [16, 42, 16],
      [110.5, 42, 16],
      [197.5, 42, 16],
    ]);
    expect(legend.map(({ fill }) => fill).slice(0, 2)).toEqual(['#2a78d6', '#d9730d']);
    expect([textAt(svg, 'gateway'), textAt(svg, 'line 1')]).toEqual([
      [38, 51, 'start', undefined],
      [132.5, 51, 'start', undefined],
    ]);
  });

  it('draws horizontal grid lines with their values, values of the x axis and the labels of both axes', () => {
    const grid = elements(svg, 'line').map((line) => numbers(line, 'x1', 'y1', 'x2', 'y2'));
    expect([grid.length, grid[0], grid[1]]).toEqual([5, [72, 324, 736, 324], [72, 264, 736, 264]]);
    expect(textAt(svg, '30')).toEqual([64, 148, 'end', 'quiet']);
    expect(textAt(svg, '8')).toEqual([603.2, 342, 'middle', 'quiet']);
    expect(textAt(svg, 'minutes')).toEqual([404, 364, 'middle', 'quiet']);
    expect(textAt(svg, 'MB')).toEqual([72, 72, 'start', 'quiet']);
  });
});
