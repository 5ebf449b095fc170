import { describe, expect, it } from 'vitest';
import { createBackoff } from './backoff.ts';

describe('createBackoff', () => {
  it('starts at 250 ms, doubles after each crash and never exceeds 10 s', () => {
    const backoff = createBackoff();
    const delays = Array.from({ length: 8 }, () => backoff.delayAfter(100));
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('returns to 250 ms after the process has run for 30 s', () => {
    const backoff = createBackoff();
    for (let crash = 0; crash < 5; crash += 1) backoff.delayAfter(29_999);
    expect(backoff.delayAfter(30_000)).toBe(250);
    expect(backoff.delayAfter(0)).toBe(500);
  });

  it('counts failures since the last reset or healthy uptime', () => {
    const backoff = createBackoff();
    for (let crash = 0; crash < 3; crash += 1) backoff.delayAfter(0);
    expect(backoff.failures).toBe(3);
    backoff.reset();
    expect(backoff.failures).toBe(0);
    expect(backoff.delayAfter(0)).toBe(250);
    backoff.delayAfter(0);
    backoff.delayAfter(30_000);
    expect(backoff.failures).toBe(1);
  });
});
