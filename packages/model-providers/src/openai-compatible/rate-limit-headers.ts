import type { IncomingHttpHeaders } from 'node:http';
import type { RateLimit, RateLimits } from '@prodigon/ports';

/**
 * Reads `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`. Returns null when none of them is present.
 * Sources: https://platform.openai.com/docs/guides/rate-limits, https://console.groq.com/docs/rate-limits
 */
export function readRateLimits(headers: IncomingHttpHeaders): RateLimits | null {
  if (!hasRateLimitHeader(headers)) return null;
  const requests = readLimit(headers, 'requests');
  const tokens = readLimit(headers, 'tokens');
  return requests || tokens ? { requests, tokens } : null;
}

/** Avoids six lookups in a response without rate-limit headers. */
function hasRateLimitHeader(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.startsWith('x-ratelimit-')) return true;
  return false;
}

function readLimit(headers: IncomingHttpHeaders, unit: 'requests' | 'tokens'): RateLimit | null {
  const value = (field: string) => headers[`x-ratelimit-${field}-${unit}`];
  const limit = toNumber(value('limit'));
  const remaining = toNumber(value('remaining'));
  const resetMs = toMilliseconds(value('reset'));
  return limit === null && remaining === null && resetMs === null ? null : { limit, remaining, resetMs };
}

function toNumber(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null;
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses durations such as `6m0s`, `2m59.56s` and `120ms`, and plain seconds. */
function toMilliseconds(value: string | string[] | undefined): number | null {
  if (typeof value !== 'string') return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) return null;
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0),
    0,
  );
}
