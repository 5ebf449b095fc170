import { describe, expect, it } from 'vitest';
import { plotBars, plotLines } from '../index.ts';

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe('plotBars', () => {
  const svg = plotBars({
    title: 'Requests <fast & slow>',
    label: 'requests/s (more is better)',
    bars: [
      { name: 'bare', value: { median: 6_645.4, min: 6_000, max: 7_000 } },
      { name: 'ours', value: { median: 3_322.7, min: 3_000, max: 3_500 }, isEmphasized: true },
    ],
  });

  it('labels every variant with its name and value, and the axis with its unit', () => {
    expect(texts(svg)).toEqual(expect.arrayContaining(['bare', '6,645', 'ours', '3,323', 'requests/s (more is better)']));
  });

  it('draws bars in proportion to their values', () => {
    const widths = [...svg.matchAll(/height="22" fill="[^"]+"/g)].length;
    const [bare = 0, ours = 0] = [...svg.matchAll(/width="([\d.]+)" height="22"/g)].map(([, width]) => Number(width));
    expect(widths).toBe(2);
    expect(bare / ours).toBeCloseTo(2, 1);
  });

  it('draws round ticks beyond the longest bar', () => {
    expect(texts(svg)).toEqual(expect.arrayContaining(['0', '2,000', '4,000', '6,000', '8,000']));
  });

  it('follows the color scheme of the reader', () => {
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
  });

  it('escapes XML in texts', () => {
    expect(svg).toContain('<title>Requests &lt;fast &amp; slow&gt;</title>');
  });

  it('draws bars that are all zero', () => {
    const value = { median: 0, min: 0, max: 0 };
    expect(plotBars({ title: 'Lost', label: 'items', bars: [{ name: 'ours', value }] })).not.toContain('NaN');
  });
});

describe('plotLines', () => {
  const svg = plotLines({
    title: 'Heap',
    xLabel: 'minutes',
    yLabel: 'MB',
    lines: [
      {
        name: 'gateway',
        points: [
          [0, 30],
          [10, 30],
        ],
      },
      {
        name: 'model service',
        points: [
          [0, -5],
          [10, 45],
        ],
      },
    ],
  });

  it('labels each line and the unit of each axis', () => {
    expect(texts(svg)).toEqual(expect.arrayContaining(['gateway', 'model service', 'minutes', 'MB']));
  });

  it('draws lines through their points', () => {
    const [level, rising] = [...svg.matchAll(/points="([^"]+)"/g)].map(([, points]) =>
      points?.split(' ').map((point) => point.split(',').map(Number)),
    );
    expect(level?.[0]?.[1]).toBe(level?.[1]?.[1]);
    expect(rising?.[0]?.[1]).toBeGreaterThan(rising?.[1]?.[1] ?? 0);
    expect([level?.[0]?.[0], level?.[1]?.[0]]).toEqual([72, 736]);
  });
});
