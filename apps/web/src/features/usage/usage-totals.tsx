import type { UsageSums } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { formatCount, formatCountOf, formatDollars } from '../../design/format.ts';

/** The totals of the period, with the accuracy of their values. */
export function UsageTotals({ totals }: { totals: UsageSums }) {
  const { requests, failed, cancelled, estimated, unpriced, prompt_tokens, completion_tokens, cost_usd, attempts } = totals;
  const tiles = [
    ['Requests', formatCount(requests), formatCountOf(attempts, 'provider call')],
    ['Prompt tokens', formatCount(prompt_tokens), accuracyLabel(estimated)],
    ['Completion tokens', formatCount(completion_tokens), accuracyLabel(estimated)],
    [
      'Cost',
      formatDollars(cost_usd),
      unpriced > 0 ? `excludes ${formatCountOf(unpriced, 'request')} with unknown price` : 'all requests priced',
    ],
    ['Cancelled', formatCount(cancelled), shareLabel(cancelled, requests)],
  ] as const;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-md border border-border bg-border sm:grid-cols-3 xl:grid-cols-6">
      {tiles.map(([label, value, note]) => (
        <div key={label} className="bg-bg px-5 py-4">
          <dt className="text-sm text-text-2">{label}</dt>
          <dd className="tabular mt-0.5 text-xl font-semibold tracking-tight">{value}</dd>
          <dd className="tabular mt-1 text-sm text-text-3">{note}</dd>
        </div>
      ))}
      <div className="bg-bg px-5 py-4">
        <dt className="text-sm text-text-2">Failed</dt>
        <dd className={clsx('tabular mt-0.5 text-xl font-semibold tracking-tight', failed > 0 && 'text-bad')}>
          {formatCount(failed)}
        </dd>
        <dd className="tabular mt-1 text-sm text-text-3">
          {failed > 0 ? (
            <a href="#by-model" className="rounded-sm text-accent underline underline-offset-3">
              {shareLabel(failed, requests)}
            </a>
          ) : (
            shareLabel(failed, requests)
          )}
        </dd>
      </div>
    </dl>
  );
}

function accuracyLabel(estimated: number): string {
  return estimated > 0 ? `estimated for ${formatCountOf(estimated, 'request')}` : 'reported by providers';
}

function shareLabel(count: number, requests: number): string {
  return requests === 0 ? 'no requests' : `${((count / requests) * 100).toFixed(count === 0 ? 0 : 1)} % of requests`;
}
