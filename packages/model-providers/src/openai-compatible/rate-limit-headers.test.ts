import { describe, expect, it } from 'vitest';
import { readRateLimits } from './rate-limit-headers.ts';

describe('what a provider tells of its limits', () => {
  it.each([
    ['6m0s', 360_000],
    ['2m59.56s', 179_560],
    ['120ms', 120],
    ['1d2h', 93_600_000],
    ['7.5', 7_500],
    ['soon', null],
    ['', null],
  ])('is whole again after %j', (reset, resetMs) => {
    expect(readRateLimits({ 'x-ratelimit-limit-tokens': '8000', 'x-ratelimit-reset-tokens': reset })?.tokens).toEqual({
      limit: 8_000,
      remaining: null,
      resetMs,
    });
  });

  it('is nothing without such headers', () => expect(readRateLimits({ 'content-type': 'x' })).toBeNull());
});
