import { describe, expect, it } from 'vitest';
import { formatCountOf, formatDollars, formatDuration, formatLatency, formatMilliseconds, formatRate } from './format.ts';

describe('format', () => {
  it.each([
    [0, '0 s'],
    [0.9, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [61, '1 min 1 s'],
    [3_600, '1 h'],
    [3_605, '1 h'],
    [7_500, '2 h 5 min'],
    [86_399, '23 h 59 min'],
    [90_000, '1 d 1 h'],
  ])('formats a duration of %d seconds as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it.each([
    [340.4, '340 ms'],
    [999.4, '999 ms'],
    [1_000, '1.0 s'],
    [2_449, '2.4 s'],
    [59_999, '60.0 s'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
  ])('formats a latency of %d milliseconds as %s', (ms, text) => expect(formatLatency(ms)).toBe(text));

  it('formats milliseconds below ten with a decimal', () => {
    expect([9.94, 10, 41.6, 999, 1_096].map(formatMilliseconds)).toEqual(['9.9 ms', '10 ms', '42 ms', '999 ms', '1.1 s']);
  });

  it('formats rates below ten with a decimal', () => {
    expect([0.25, 9.94, 10, 1_204.4].map(formatRate)).toEqual(['0.3', '9.9', '10', '1,204']);
  });

  it('formats counts with the singular for one', () => {
    expect([0, 1, 2_000].map((count) => formatCountOf(count, 'prompt'))).toEqual(['0 prompts', '1 prompt', '2,000 prompts']);
  });

  it('formats dollars to the cent, and small amounts to two significant digits', () => {
    expect([0, 0.000_123, 0.042, 0.1, 12.3, 1_234.5].map(formatDollars)).toEqual([
      '$0.00',
      '$0.00012',
      '$0.042',
      '$0.10',
      '$12.30',
      '$1,234.50',
    ]);
  });
});
