import { JOB_ITEM_STATUSES, type JobItemStatus } from '@prodigon/contracts';
import { memo } from 'react';
import { classes } from '../../../design/classes.ts';
import { formatCount } from '../../../design/format.ts';
import { Panel } from '../../../design/panel.tsx';
import { ITEM_STATUS_WORDS } from '../job-words.ts';
import { Pager } from '../pager.tsx';
import { useParameters } from '../use-parameters.ts';
import type { JobWatch } from './create-job-watch.ts';
import { ItemRow } from './item-row.tsx';
import { useItems } from './use-items.ts';

interface ItemsPanelProps {
  total: number;
  watch: JobWatch;
  isStale: boolean;
}

/** The prompts of the job, a page at a time. */
export const ItemsPanel = memo(function ItemsPanel({ total, watch, isStale }: ItemsPanelProps) {
  const parameters = useParameters();
  const status = JOB_ITEM_STATUSES.find((each) => each === parameters.values.get('status'));
  const after = Number(parameters.values.get('after') ?? -1);
  const open = Number(parameters.values.get('open') ?? Number.NaN);
  const { page, isOutdated, failure } = useItems(watch, { after: Number.isInteger(after) ? Math.max(-1, after) : -1, status });
  const items = page?.items ?? [];
  const next = page?.next_after ?? null;
  return (
    <Panel
      title="Prompts"
      aside={
        <select
          aria-label="Status of the prompts"
          value={status ?? ''}
          onChange={(event) => parameters.set({ status: event.target.value || null })}
          className="field w-auto text-sm"
        >
          <option value="">All statuses</option>
          {JOB_ITEM_STATUSES.map((each) => (
            <option key={each} value={each}>
              {ITEM_STATUS_WORDS[each]}
            </option>
          ))}
        </select>
      }
    >
      <div aria-busy={isOutdated} className={classes((isStale || isOutdated || failure) && 'grayscale')}>
        {failure && <p className="border-b border-border px-5 py-3 text-sm text-bad">{failure.message}</p>}
        {items.length > 0 && (
          <table className="w-full table-fixed">
            <thead className="border-b border-border text-left text-sm text-text-2">
              <tr>
                <th scope="col" className="w-18 py-2 pl-5 font-medium">
                  No.
                </th>
                <th scope="col" className="py-2 pr-4 font-medium">
                  Prompt
                </th>
                <th scope="col" className="w-36 py-2 pr-4 font-medium max-sm:hidden">
                  Status
                </th>
                {['Attempts', 'Waited', 'Ran', 'Tokens'].map((label) => (
                  <th key={label} scope="col" className="w-20 py-2 pr-5 text-right font-medium max-lg:hidden">
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
                  onToggle={() => parameters.put({ open: item.index === open ? null : String(item.index) })}
                />
              ))}
            </tbody>
          </table>
        )}
        {page !== null && items.length === 0 && (
          <p className="px-5 py-10 text-center text-text-2">
            {status ? `No prompt is ${ITEM_STATUS_WORDS[status]} just now.` : 'There are no more prompts.'}
          </p>
        )}
        {page === null && <p className="px-5 py-10 text-center text-text-2">Loading…</p>}
        <Pager
          label="Pages of prompts"
          words={wordsFor(items[0]?.index, items.at(-1)?.index, status, total)}
          toPrevious={parameters.toPrevious}
          toNext={next === null ? null : () => parameters.toNext(String(next))}
        />
      </div>
    </Panel>
  );
});

function wordsFor(first: number | undefined, last: number | undefined, status: JobItemStatus | undefined, total: number): string {
  if (first === undefined || last === undefined) return `${formatCount(total)} prompts in all`;
  const words = status ? `${ITEM_STATUS_WORDS[status]}, no. ` : 'No. ';
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${formatCount(first + 1)} to ${formatCount(last + 1)} of ${formatCount(total)}`;
}
