import { expect, it } from 'vitest';
import { textOptionsOf } from '../../text-glyphs.ts';
import { drawRatioScale, formatRange, formatRatio } from './ratio-scale.ts';

const optionsOf = (env: NodeJS.ProcessEnv) => textOptionsOf({ stdout: {} as NodeJS.WriteStream, env });

it.each([
  [0.98249, '0.982'],
  [1.4, '1.4'],
  [12.345, '12.3'],
  [12_345.6, '12,346'],
])('formats the ratio %d as %s', (ratio, expected) => expect(formatRatio(ratio)).toBe(expected));

it.each([
  [{ from: 2, to: 5 }, '2 to 5'],
  [{ from: 2, to: null }, 'at least 2'],
  [{ from: null, to: 0.5 }, 'below 0.5'],
  [{ from: null, to: null }, 'any'],
])('formats the range %j as "%s"', (range, expected) => expect(formatRange(range)).toBe(expected));

it('draws intervals and open ranges at their places on one logarithmic scale', () => {
  const rows = [
    { label: 'measured', range: { from: 1.6, to: 2.5 }, point: 2, text: '2' },
    { label: 'claimed', range: { from: 4, to: null }, text: 'at least 4' },
    { label: 'predicted', range: { from: null, to: 0.5 }, text: 'below 0.5' },
  ];
  expect(drawRatioScale(rows, 65, optionsOf({}).glyphs)).toEqual([
    '              0.5          1          2           4',
    '             ──┼───────────┼──────────┼───────────┼──',
    '  measured                         ├──●───┤            2',
    '  claimed                                         ██▶  at least 4',
    '  predicted  ◀██                                       below 0.5',
  ]);
  expect(drawRatioScale(rows.slice(0, 1), 50, optionsOf({ LC_ALL: 'C' }).glyphs).join('\n')).toMatch(/\[-*o-*\]/);
});

it('draws a ratio of zero and a very wide range within the width', () => {
  const rows = [{ label: 'measured', range: { from: 0, to: 1_000_000 }, point: 1_000, text: '1,000' }];
  for (const line of drawRatioScale(rows, 80, optionsOf({}).glyphs)) expect(line.length).toBeLessThanOrEqual(80);
});
