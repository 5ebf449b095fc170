import { ITEM_STATUS_LABELS, JOB_ITEM_STATUSES, type JobItemStatus } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { memo } from 'react';
import { formatCount, formatCountOf } from '../../../design/format.ts';
import { Panel } from '../../../design/page.tsx';
import { Pagination, useUrlParameters } from '../pagination.tsx';
import type { JobWatch } from './create-job-watch.ts';
import { ItemRow } from './item-row.tsx';
import { useJobItems } from './use-job-watch.ts';

interface ItemsPanelProps {
  total: number;
  watch: JobWatch;
  isStale: boolean;
}

/** The prompts of the job with their responses, page by page. */
export const ItemsPanel = memo(function ItemsPanel({ total, watch, isStale }: ItemsPanelProps) {
  const parameters = useUrlParameters();
  const status = JOB_ITEM_STATUSES.find((each) => each === parameters.values.get('status'));
  const after = Number(parameters.values.get('after') ?? -1);
  const open = Number(parameters.values.get('open') ?? Number.NaN);
  const { page, isOutdated, failure } = useJobItems(watch, { after: Number.isInteger(after) ? Math.max(-1, after) : -1, status });
  const items = page?.items ?? [];
  const next = page?.next_after ?? null;
  return (
    <Panel
      title="Prompts"
      aside={
        <select
          aria-label="Prompt status"
          value={status ?? ''}
          onChange={(event) => parameters.setFilter({ status: event.target.value || null })}
          className="field w-auto text-sm"
        >
          <option value="">All statuses</option>
          {JOB_ITEM_STATUSES.map((each) => (
            <option key={each} value={each}>
              {ITEM_STATUS_LABELS[each]}
            </option>
          ))}
        </select>
      }
    >
      <div aria-busy={isOutdated} className={clsx((isStale || isOutdated || failure) && 'grayscale')}>
        {failure && <p className="border-b border-border px-5 py-3 text-sm text-bad">{failure.message}</p>}
        {items.length > 0 && (
          <table className="w-full table-fixed">
            <thead className="sticky-head text-left text-sm text-text-2">
              <tr>
                <th scope="col" className="w-18 py-2 pr-5 pl-3 text-right font-medium">
                  #
                </th>
                <th scope="col" className="py-2 pr-4 font-medium">
                  Prompt
                </th>
                <th scope="col" className="py-2 pr-4 font-medium max-sm:hidden">
                  Response
                </th>
                <th scope="col" className="w-28 py-2 pr-4 font-medium max-sm:hidden">
                  Status
                </th>
                {['Attempts', 'Queue time', 'Run time', 'Tokens'].map((label) => (
                  <th key={label} scope="col" className="w-24 py-2 pr-5 text-right font-medium max-lg:hidden">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y divide-border">
              {items.map((item) => (
                <ItemRow
                  key={item.index}
                  item={item}
                  watch={watch}
                  isOpen={item.index === open}
                  onToggle={() => parameters.setOnPage({ open: item.index === open ? null : String(item.index) })}
                />
              ))}
            </tbody>
          </table>
        )}
        {page !== null && items.length === 0 && (
          <p className="px-5 py-10 text-center text-text-2">
            {status ? `No ${ITEM_STATUS_LABELS[status].toLowerCase()} prompts` : 'No more prompts'}
          </p>
        )}
        {page === null && <p className="px-5 py-10 text-center text-text-2">Loading…</p>}
        <Pagination
          label="Prompt pagination"
          summary={pageSummary(items[0]?.index, items.at(-1)?.index, status, total)}
          goToPrevious={parameters.goToPrevious}
          goToNext={next === null ? null : () => parameters.goToNext(String(next))}
        />
      </div>
    </Panel>
  );
});

function pageSummary(
  first: number | undefined,
  last: number | undefined,
  status: JobItemStatus | undefined,
  total: number,
): string {
  if (first === undefined || last === undefined) return formatCountOf(total, 'prompt');
  const [from, to, all] = [first + 1, last + 1, total].map(formatCount);
  return status
    ? `${ITEM_STATUS_LABELS[status]} prompts from #${from} to #${to} of ${all}`
    : `Prompts ${from} to ${to} of ${all}`;
}
