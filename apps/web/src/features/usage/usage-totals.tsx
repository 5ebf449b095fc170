import type { UsageSums } from '@prodigon/contracts';
import { formatCount, formatCountOf, formatDollars } from '../../design/format.ts';

/** The sums of the whole period, with how sure they are. */
export function UsageTotals({ totals }: { totals: UsageSums }) {
  const { requests, failed, cancelled, estimated, unpriced, prompt_tokens, completion_tokens, cost_usd, attempts } = totals;
  const tiles = [
    ['Requests', formatCount(requests), `${formatCountOf(attempts, 'call')} of providers`],
    ['Tokens in', formatCount(prompt_tokens), estimatedWords(estimated)],
    ['Tokens out', formatCount(completion_tokens), estimatedWords(estimated)],
    [
      'Cost',
      formatDollars(cost_usd),
      unpriced > 0 ? `without ${formatCountOf(unpriced, 'answer')} of unknown price` : 'all priced',
    ],
    ['Failed', formatCount(failed), shareWords(failed, requests)],
    ['Cancelled', formatCount(cancelled), shareWords(cancelled, requests)],
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
    </dl>
  );
}

function estimatedWords(estimated: number): string {
  return estimated > 0 ? `estimated for ${formatCountOf(estimated, 'request')}` : 'as providers told them';
}

function shareWords(count: number, requests: number): string {
  return requests === 0 ? 'of no request' : `${((count / requests) * 100).toFixed(count === 0 ? 0 : 1)} % of requests`;
}
