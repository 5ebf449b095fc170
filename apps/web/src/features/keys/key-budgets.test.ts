import { describe, expect, it } from 'vitest';
import { createKey } from './api-key.test-support.ts';
import { budgetUses, formatTokens, limitLabels } from './key-budgets.ts';

const period = (tokens: number, usd: number) => ({ tokens, usd, resets_at: '2026-12-01T00:00:00Z' });

describe('budgetUses', () => {
  const budget = { usd_per_day: 0.5, usd_per_month: null, tokens_per_day: 1_000, tokens_per_month: 10_000 };

  it('returns the share of each budget, the day before the month', () => {
    const spending = { day: period(1_000, 0.25), month: period(2_500, 1) };
    expect(budgetUses(createKey({ budget, spending }))).toEqual([
      { period: 'day', label: '$0.25 of $0.50', share: 0.5, isExhausted: false, resetsAt: '2026-12-01T00:00:00Z' },
      { period: 'day', label: '1K tokens of 1K tokens', share: 1, isExhausted: true, resetsAt: '2026-12-01T00:00:00Z' },
      { period: 'month', label: '2.5K tokens of 10K tokens', share: 0.25, isExhausted: false, resetsAt: '2026-12-01T00:00:00Z' },
    ]);
  });

  it('fills the bar of an exceeded budget exactly, and starts at zero without spending', () => {
    const [exceeded] = budgetUses(createKey({ budget, spending: { day: period(0, 2), month: period(0, 2) } }));
    expect(exceeded).toMatchObject({ share: 1, isExhausted: true });
    const [unknown] = budgetUses(createKey({ budget, spending: null }));
    expect(unknown).toMatchObject({ label: '$0.00 of $0.50', share: 0, resetsAt: null });
  });

  it('returns nothing for a key without a budget', () => {
    expect(budgetUses(createKey())).toEqual([]);
  });
});

describe('limitLabels', () => {
  it('names the limits of the key itself', () => {
    expect(limitLabels({ requests_per_min: 1, tokens_per_min: 200_000, streams: null })).toEqual([
      '1 request per minute',
      '200K tokens per minute',
    ]);
    expect(limitLabels({ requests_per_min: null, tokens_per_min: null, streams: 2 })).toEqual(['2 concurrent streams']);
  });
});

describe('formatTokens', () => {
  it('shows three digits', () => {
    expect([1, 999, 12_345, 1_234_567].map(formatTokens)).toEqual(['1 token', '999 tokens', '12.3K tokens', '1.23M tokens']);
  });
});
