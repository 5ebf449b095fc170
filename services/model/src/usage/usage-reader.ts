import { ALL_OWNERS, AppError, type UsageRow, type UsageSums } from '@prodigon/contracts';
import type { ModelClient, UsageStore } from '@prodigon/ports';

const NO_USAGE: UsageSums = {
  requests: 0,
  failed: 0,
  cancelled: 0,
  estimated: 0,
  unpriced: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  cost_usd: 0,
  attempts: 0,
};
const SUMMED_FIELDS = Object.keys(NO_USAGE) as (keyof UsageSums)[];
/** Rounds off floating-point errors. No price has more digits. */
const COST_DIGITS = 10;

/** Creates a function that reports the usage of the calling principal, or for admins of any owner. */
export function createUsageReader({ store }: { store: Pick<UsageStore, 'summarize'> }): ModelClient['usage'] {
  return async ({ owner, ...selection }, { principal }) => {
    if (owner !== undefined && owner !== principal.id && principal.role !== 'admin')
      throw new AppError('FORBIDDEN', 'Only admins may see the usage of other owners.');
    const rows = await store.summarize({ ...selection, ownerId: owner === ALL_OWNERS ? null : (owner ?? principal.id) });
    const { from, to } = selection;
    return { from, to, rows, totals: sumOf(rows) };
  };
}

function sumOf(rows: readonly UsageRow[]): UsageSums {
  const sums = { ...NO_USAGE };
  for (const row of rows) for (const name of SUMMED_FIELDS) sums[name] += row[name];
  return { ...sums, cost_usd: Number(sums.cost_usd.toFixed(COST_DIGITS)) };
}
