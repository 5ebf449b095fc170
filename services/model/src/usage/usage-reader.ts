import type { UsageRow, UsageSums } from '@prodigon/contracts';
import type { ModelClient, UsageStore } from '@prodigon/ports';

const NOTHING: UsageSums = {
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
const SUMMED = Object.keys(NOTHING) as (keyof UsageSums)[];
/** Adding binary fractions leaves crumbs that no price has. */
const COST_DIGITS = 10;

/** Reports to callers what they themselves have used. */
export function createUsageReader({ store }: { store: Pick<UsageStore, 'summarize'> }): ModelClient['usage'] {
  return async ({ from, to }, { principal }) => {
    const rows = await store.summarize({ ownerId: principal.id, from, to });
    return { from, to, rows, totals: sumOf(rows) };
  };
}

function sumOf(rows: readonly UsageRow[]): UsageSums {
  const sums = { ...NOTHING };
  for (const row of rows) for (const name of SUMMED) sums[name] += row[name];
  return { ...sums, cost_usd: Number(sums.cost_usd.toFixed(COST_DIGITS)) };
}
