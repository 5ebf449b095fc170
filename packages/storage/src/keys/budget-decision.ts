import { AppError } from '@prodigon/contracts';
import type { BudgetDemand } from '@prodigon/ports';

/** The budget of a key, what it has spent in the current periods, and the open reservations of its other requests. */
export interface KeyBalance {
  readonly name: string;
  readonly usdPerDay: number | null;
  readonly usdPerMonth: number | null;
  readonly tokensPerDay: number | null;
  readonly tokensPerMonth: number | null;
  readonly dayTokens: number;
  readonly dayUsd: number;
  readonly monthTokens: number;
  readonly monthUsd: number;
  readonly reservations: number;
  readonly reservedTokens: number;
  readonly reservedUsd: number;
  readonly now: Date;
  readonly dayEndsAt: Date;
  readonly monthEndsAt: Date;
}

/** The seconds after which a request in flight has probably ended. */
const RESERVED_RETRY_AFTER_S = 1;

/** One amount of a budget. */
interface Limit {
  readonly amount: number;
  readonly unit: 'tokens' | 'usd';
  readonly period: 'day' | 'month';
  readonly spent: number;
  readonly endsAt: Date;
}

/** Returns the error for a request that must not run now, or null. */
export function findRefusal(balances: readonly KeyBalance[], demand: BudgetDemand): AppError | null {
  const limits = balances.flatMap((balance) => limitsOf(balance, demand).map((limit) => ({ balance, limit })));
  // The longest wait first: a retry after a shorter one would fail again.
  const exhausted = limits
    .filter(({ limit }) => limit.spent >= limit.amount)
    .sort((one, other) => other.limit.endsAt.getTime() - one.limit.endsAt.getTime());
  if (exhausted[0]) return exhaustedError(exhausted[0].balance, exhausted[0].limit);
  const blocked = limits.find(({ balance, limit }) => balance.reservations > 0 && exceeds(balance, limit, demand));
  return blocked ? reservedError(blocked.balance, blocked.limit) : null;
}

function limitsOf(balance: KeyBalance, { usdMax }: BudgetDemand): Limit[] {
  const { dayEndsAt, monthEndsAt } = balance;
  const limit = (amount: number | null, rest: Omit<Limit, 'amount'>): Limit[] => (amount === null ? [] : [{ amount, ...rest }]);
  const day = { period: 'day', endsAt: dayEndsAt } as const;
  const month = { period: 'month', endsAt: monthEndsAt } as const;
  const limits = [
    ...limit(balance.tokensPerDay, { unit: 'tokens', spent: balance.dayTokens, ...day }),
    ...limit(balance.tokensPerMonth, { unit: 'tokens', spent: balance.monthTokens, ...month }),
    ...limit(balance.usdPerDay, { unit: 'usd', spent: balance.dayUsd, ...day }),
    ...limit(balance.usdPerMonth, { unit: 'usd', spent: balance.monthUsd, ...month }),
  ];
  return usdMax > 0 ? limits : limits.filter(({ unit }) => unit === 'tokens');
}

function exceeds({ reservedTokens, reservedUsd }: KeyBalance, limit: Limit, { tokensMax, usdMax }: BudgetDemand): boolean {
  const [reserved, max] = limit.unit === 'tokens' ? [reservedTokens, tokensMax] : [reservedUsd, usdMax];
  return limit.spent + reserved + max > limit.amount;
}

function exhaustedError({ name, now }: KeyBalance, limit: Limit): AppError {
  const endsAt = limit.endsAt.toISOString().replace('.000Z', 'Z');
  const message = `The key "${name}" has used up its budget of ${formatAmount(limit)}. The budget starts again at ${endsAt}.`;
  const retryAfterSeconds = Math.max(1, Math.ceil((limit.endsAt.getTime() - now.getTime()) / 1_000));
  return new AppError('BUDGET_EXHAUSTED', message, { retryAfterSeconds });
}

function reservedError({ name }: KeyBalance, limit: Limit): AppError {
  const message = `Requests in flight may use up the budget of the key "${name}", ${formatAmount(limit)}. Retry when they have ended.`;
  return new AppError('RATE_LIMITED', message, { retryAfterSeconds: RESERVED_RETRY_AFTER_S });
}

function formatAmount({ amount, unit, period }: Limit): string {
  const formatted = amount.toLocaleString('en', { maximumFractionDigits: 10 });
  return `${formatted} ${unit === 'tokens' ? 'tokens' : 'USD'} per ${period}`;
}
