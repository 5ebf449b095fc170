import type { ApiKey } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { formatDollars } from '../../design/format.ts';
import { type BudgetUse, budgetUses, formatTokens, PERIOD_LABELS, PERIODS, type Period } from './key-budgets.ts';
import { formatMinute } from './key-status.ts';

/** From this share on, a bar warns. */
const WARN_SHARE = 0.8;

/** What a key has spent today and this month, as bars where it has a budget. */
export function Spending({ apiKey }: { apiKey: ApiKey }) {
  const uses = budgetUses(apiKey);
  if (apiKey.spending === null && uses.length === 0) return <p className="text-text-3 max-sm:hidden">–</p>;
  return (
    <dl className="tabular flex flex-col gap-1.5">
      {PERIODS.map((period) => {
        const own = uses.filter((use) => use.period === period);
        return (
          <div key={period}>
            <dt className="text-xs text-text-3">{PERIOD_LABELS[period]}</dt>
            {own.length === 0 && <dd>{spentLabel(apiKey, period)}</dd>}
            {own.map((use) => (
              <BudgetBar key={use.label} {...use} />
            ))}
          </div>
        );
      })}
    </dl>
  );
}

function spentLabel({ spending }: ApiKey, period: Period): string {
  if (spending === null) return '–';
  return `${formatDollars(spending[period].usd)}, ${formatTokens(spending[period].tokens)}`;
}

/** The label says what the bar shows. */
function BudgetBar({ label, share, isExhausted, resetsAt }: BudgetUse) {
  const color = isExhausted ? 'bg-bad' : share >= WARN_SHARE ? 'bg-warn' : 'bg-accent-fill';
  return (
    <dd className="mt-0.5">
      <span className="block">{label}</span>
      <div aria-hidden="true" className="mt-0.5 h-1.5 overflow-hidden rounded-full bg-surface-2">
        <div className={clsx('h-full rounded-full', color)} style={{ width: `${share * 100}%` }} />
      </div>
      {isExhausted && (
        <span className="mt-0.5 block text-xs text-bad">Used up{resetsAt !== null && ` until ${formatMinute(resetsAt)}`}</span>
      )}
    </dd>
  );
}
