import { expect, it } from 'vitest';
import { formatReset, requestLimitHeaders, tokenLimitHeaders } from './rate-limit-headers.ts';

it.each([
  [0, '0s'],
  [0.2, '1ms'],
  [19.5, '20ms'],
  [999, '999ms'],
  [999.5, '1s'],
  [1_000, '1s'],
  [7_651, '7.66s'],
  [59_999, '1m0s'],
  [90_500, '1m30.5s'],
  [360_000, '6m0s'],
])('formats a reset in %d ms as %s', (resetMs, text) => expect(formatReset(resetMs)).toBe(text));

it('reports limits in the headers of OpenAI', () => {
  const state = { limitPerMin: 10_000, remaining: 9_000, resetMs: 6_000 };
  expect({ ...requestLimitHeaders(state), ...tokenLimitHeaders(state) }).toEqual({
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9000',
    'x-ratelimit-reset-requests': '6s',
    'x-ratelimit-limit-tokens': '10000',
    'x-ratelimit-remaining-tokens': '9000',
    'x-ratelimit-reset-tokens': '6s',
  });
});
