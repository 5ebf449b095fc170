import { describe, expect, it } from 'vitest';
import { readRateLimits } from './rate-limit-headers.ts';

describe('readRateLimits', () => {
  it.each([
    ['6m0s', 360_000],
    ['2m59.56s', 179_560],
    ['120ms', 120],
    ['1d2h', 93_600_000],
    ['7.5', 7_500],
    ['soon', null],
    ['', null],
  ])('parses the reset time %j', (reset, resetMs) => {
    expect(readRateLimits({ 'x-ratelimit-limit-tokens': '8000', 'x-ratelimit-reset-tokens': reset })?.tokens).toEqual({
      limit: 8_000,
      remaining: null,
      resetMs,
    });
  });

  it('returns null for a response without rate-limit headers', () => expect(readRateLimits({ 'content-type': 'x' })).toBeNull());

  it('returns null when no value is valid', () => {
    const headers = { 'x-ratelimit-limit-requests': 'many', 'x-ratelimit-remaining-tokens': '-1' };
    expect(readRateLimits(headers)).toBeNull();
  });

  it('separates the limits of requests and tokens', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '9',
    };
    expect(readRateLimits(headers)).toEqual({
      requests: { limit: null, remaining: 0, resetMs: 1_000 },
      tokens: { limit: 9, remaining: null, resetMs: null },
    });
  });
});
