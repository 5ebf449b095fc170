import type { RateState } from '@prodigon/ports';

/** Returns the headers of a limit of requests, in the names and formats of OpenAI. */
export function requestLimitHeaders({ limitPerMin, remaining, resetMs }: RateState) {
  return {
    'x-ratelimit-limit-requests': String(limitPerMin),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': formatReset(resetMs),
  };
}

/** Returns the headers of a limit of tokens. */
export function tokenLimitHeaders({ limitPerMin, remaining, resetMs }: RateState) {
  return {
    'x-ratelimit-limit-tokens': String(limitPerMin),
    'x-ratelimit-remaining-tokens': String(remaining),
    'x-ratelimit-reset-tokens': formatReset(resetMs),
  };
}

/** Returns the headers of a stream that a limit of concurrent streams rejects. Nobody knows when a stream ends. */
export function rejectedStreamHeaders({ max }: { readonly max: number }) {
  return { 'x-ratelimit-limit-streams': String(max), 'x-ratelimit-remaining-streams': '0' };
}

/** Formats a time as OpenAI does: `0s`, `20ms`, `7.66s`, `6m0s`. Rounds up, so that the limit is restored by then. */
export function formatReset(resetMs: number): string {
  if (resetMs > 0 && resetMs <= 999) return `${Math.ceil(resetMs)}ms`;
  const hundredths = Math.ceil(resetMs / 10);
  const minutes = Math.floor(hundredths / 6_000);
  const seconds = (hundredths % 6_000) / 100;
  return `${minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
