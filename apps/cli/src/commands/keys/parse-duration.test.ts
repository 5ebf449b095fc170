import { expect, it } from 'vitest';
import { readKeyOptions } from './key-options.ts';
import { parseDuration } from './parse-duration.ts';

it.each([
  ['30d', 2_592_000],
  ['12h', 43_200],
  ['45m', 2_700],
  ['90s', 90],
  ['0s', 0],
  ['3650d', 315_360_000],
  ['3651d', null],
  ['1.5h', null],
  ['1 h', null],
  ['12', null],
  ['-1h', null],
  ['1w', null],
])('reads the duration %s as %s seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

it.each([
  ['30d', '2026-01-31T00:00:00.000Z'],
  ['12h', '2026-01-01T12:00:00.000Z'],
  ['2026-02-01', '2026-02-01T00:00:00.000Z'],
  ['2026-02-01T10:30Z', '2026-02-01T10:30:00.000Z'],
  ['2026-02-01T10:30:05+02:00', '2026-02-01T08:30:05.000Z'],
  ['none', null],
])('reads the expiry %s as %s', (expires, time) => {
  expect(readKeyOptions({ expires }, Date.parse('2026-01-01T00:00:00Z')).expires_at).toBe(time);
});
