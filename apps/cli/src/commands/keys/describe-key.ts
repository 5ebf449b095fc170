import type { ApiKey } from '@prodigon/contracts';
import { formatCost, formatCount } from '../../format-numbers.ts';

/** Returns the status with the label of the web UI. A key whose parent is not valid has the status of its own. */
export function keyStatusOf({ revoked_at, expires_at }: ApiKey, now = Date.now()): 'Active' | 'Revoked' | 'Expired' {
  if (revoked_at !== null) return 'Revoked';
  return expires_at !== null && Date.parse(expires_at) <= now ? 'Expired' : 'Active';
}

/**
 * Returns the limits of a key, e.g. `60 requests/min, 2 streams`, or nothing without limits. For a key that another key
 * created, it also names that key, `parent`, whose limits and budget apply too.
 */
export function describeLimits({ limits, parent_id }: ApiKey, parent: string): string {
  const { requests_per_min, tokens_per_min, streams } = limits;
  return [
    requests_per_min !== null && `${formatCount(requests_per_min)} requests/min`,
    tokens_per_min !== null && `${formatCount(tokens_per_min)} tokens/min`,
    streams !== null && `${formatCount(streams)} ${streams === 1 ? 'stream' : 'streams'}`,
    parent_id !== null && `limits and budget of ${parent}`,
  ]
    .filter((limit) => limit !== false)
    .join(', ');
}

/** Returns the name of the key that created `key`, or its id when `keys` do not contain it. */
export function parentNameOf({ parent_id }: ApiKey, keys: readonly ApiKey[]): string {
  return keys.find(({ id }) => id === parent_id)?.name ?? parent_id ?? '';
}

export const describeModels = ({ models }: ApiKey): string => models?.join(', ') ?? 'all';

/** Returns what a key has spent, e.g. `1,200 of 5,000 tokens, $0.12 of $5.00`; null when the platform does not count it. */
export function describeSpending({ spending, budget }: ApiKey, period: 'day' | 'month'): string | null {
  const tokensMax = budget[`tokens_per_${period}`];
  const usdMax = budget[`usd_per_${period}`];
  // The count of a key begins with its first request.
  if (spending === null && tokensMax === null && usdMax === null) return null;
  const { tokens, usd } = spending?.[period] ?? { tokens: 0, usd: 0 };
  return [
    `${formatCount(tokens)}${tokensMax === null ? '' : ` of ${formatCount(tokensMax)}`} tokens`,
    `${formatUsd(usd)}${usdMax === null ? '' : ` of ${formatUsd(usdMax)}`}`,
  ].join(', ');
}

const formatUsd = (usd: number): string => (usd === 0 ? '$0' : formatCost(usd));
