import type { JobItem } from '@prodigon/contracts';
import { ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { classes } from '../../../design/classes.ts';
import { formatCount, formatLatency } from '../../../design/format.ts';
import { ItemStatusBadge } from '../status-badge.tsx';
import type { JobWatch } from './create-job-watch.ts';
import { ItemDetail } from './item-detail.tsx';

interface ItemRowProps {
  item: JobItem;
  watch: JobWatch;
  isOpen: boolean;
  onToggle: () => void;
}

const PROMPT_SHOWN = 160;

export const ItemRow = memo(
  function ItemRow({ item, watch, isOpen, onToggle }: ItemRowProps) {
    const { index, custom_id, prompt, status, attempts, wait_ms, latency_ms, usage, error } = item;
    const detailId = `item-${index}`;
    const figures = [
      attempts === 0 ? null : formatCount(attempts),
      wait_ms === null ? null : formatLatency(wait_ms),
      latency_ms === null ? null : formatLatency(latency_ms),
      usage === null ? null : formatCount(usage.total_tokens),
    ];
    return (
      <>
        <tr data-item={index} data-status={status} className="align-top transition-colors hover:bg-surface">
          <td className="py-1.5 pl-3">
            <button
              type="button"
              aria-expanded={isOpen}
              aria-controls={isOpen ? detailId : undefined}
              aria-label={`Prompt ${index + 1}`}
              onClick={onToggle}
              className="target tabular inline-flex items-center gap-1 rounded-sm pr-1 text-sm text-text-2 hover:bg-surface-2"
            >
              <ChevronRight aria-hidden size={14} className={classes('transition-transform', isOpen && 'rotate-90')} />
              {index + 1}
            </button>
          </td>
          <td className="py-2.5 pr-4">
            <p dir="auto" className="truncate">
              {prompt.slice(0, PROMPT_SHOWN)}
            </p>
            {custom_id !== null && <p className="truncate font-mono text-xs text-text-3">{custom_id}</p>}
            {error && status !== 'succeeded' && <p className="truncate text-sm text-bad">{error.message}</p>}
            <div className="mt-1 flex gap-3 sm:hidden">
              <ItemStatusBadge status={status} />
              <span className="tabular text-sm text-text-3">{figures[2]}</span>
            </div>
          </td>
          <td className="py-2.5 pr-4 max-sm:hidden">
            <ItemStatusBadge status={status} />
          </td>
          {figures.map((figure, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place.
            <td key={place} className="tabular py-2.5 pr-5 text-right text-sm whitespace-nowrap text-text-2 max-lg:hidden">
              {figure ?? <span className="text-text-3">–</span>}
            </td>
          ))}
        </tr>
        {isOpen && (
          <tr>
            <td id={detailId} colSpan={7} className="bg-surface px-5 py-4">
              <ItemDetail item={item} watch={watch} />
            </td>
          </tr>
        )}
      </>
    );
  },
  (before, after) =>
    before.item === after.item && before.isOpen === after.isOpen && (!before.isOpen || before.watch === after.watch),
);
