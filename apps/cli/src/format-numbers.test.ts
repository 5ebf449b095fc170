import { describe, expect, it } from 'vitest';
import { formatCost, formatTime, statusOf } from './format-numbers.ts';

describe('formatCost', () => {
  it.each([
    [0, 'free'],
    [0.000013, '$0.000013'],
    [0.0042, '$0.0042'],
    [0.5, '$0.5000'],
    [12.3, '$12.30'],
  ])('formats %d as %s', (usd, text) => {
    expect(formatCost(usd)).toBe(text);
  });
});

it('formatTime names the time zone', () => {
  expect(formatTime('2026-01-31T14:05:09Z')).toMatch(/^2026-0[12]-\d\d \d\d:\d\d:09 (?:[A-Z]|GMT)[\w+:-]*$/);
});

it('statusOf uses the labels of the web UI', () => {
  expect(statusOf({ status: 'pending', cancelling: false })).toBe('Queued');
  expect(statusOf({ status: 'running', cancelling: true })).toBe('Cancelling');
});
