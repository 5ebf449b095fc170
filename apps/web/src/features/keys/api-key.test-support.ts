import type { ApiKey } from '@prodigon/contracts';

/** A valid key of `ada` without limits, budgets and expiry. */
export function createKey(changes: Partial<ApiKey> = {}): ApiKey {
  const period = { tokens: 0, usd: 0, resets_at: '2026-12-01T00:00:00Z' };
  return {
    id: 'id-1',
    name: 'ci',
    owner: 'ada',
    role: 'member',
    parent_id: null,
    created_at: '2026-11-01T00:00:00Z',
    last_used_at: null,
    expires_at: null,
    revoked_at: null,
    previous_expires_at: null,
    limits: { requests_per_min: null, tokens_per_min: null, streams: null },
    budget: { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
    models: null,
    spending: { day: period, month: period },
    ...changes,
  };
}
