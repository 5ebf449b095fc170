import type { ApiKey, ApiKeyLimits } from '@prodigon/contracts';
import { formatCount, formatDollars } from '../../design/format.ts';

export type Period = 'day' | 'month';
export const PERIODS = ['day', 'month'] as const;
export const PERIOD_LABELS: Record<Period, string> = { day: 'Today', month: 'This month' };

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** `12.3K tokens`. */
export function formatTokens(tokens: number): string {
  return `${COMPACT.format(tokens)} ${tokens === 1 ? 'token' : 'tokens'}`;
}

export interface BudgetUse {
  period: Period;
  /** `$0.42 of $5.00`. */
  label: string;
  /** From 0 to 1. */
  share: number;
  isExhausted: boolean;
  resetsAt: string | null;
}

/** Returns how much of each budget of a key is spent, the day before the month. */
export function budgetUses({ budget, spending }: Pick<ApiKey, 'budget' | 'spending'>): BudgetUse[] {
  const use = (period: Period, unit: 'usd' | 'tokens', format: (amount: number) => string) => {
    const budgeted = budget[`${unit}_per_${period}`];
    if (budgeted === null) return [];
    const spent = spending?.[period][unit] ?? 0;
    const share = Math.min(1, spent / budgeted);
    const label = `${format(spent)} of ${format(budgeted)}`;
    return [{ period, label, share, isExhausted: spent >= budgeted, resetsAt: spending?.[period].resets_at ?? null }];
  };
  return PERIODS.flatMap((period) => [...use(period, 'usd', formatDollars), ...use(period, 'tokens', formatTokens)]);
}

/** `60 requests per minute`, for each limit of the key itself. */
export function limitLabels({ requests_per_min, tokens_per_min, streams }: ApiKeyLimits): string[] {
  return [
    requests_per_min !== null && `${formatCount(requests_per_min)} ${plural(requests_per_min, 'request')} per minute`,
    tokens_per_min !== null && `${COMPACT.format(tokens_per_min)} ${plural(tokens_per_min, 'token')} per minute`,
    streams !== null && `${formatCount(streams)} concurrent ${plural(streams, 'stream')}`,
  ].filter((label) => label !== false);
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
