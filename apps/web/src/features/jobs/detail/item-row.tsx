import { AppError, cutText, type JobItem } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { ChevronRight } from 'lucide-react';
import { memo, useEffect, useState } from 'react';
import { CopyButton } from '../../../design/button.tsx';
import { formatCount, formatCountOf, formatDollars, formatLatency, formatTimestamp } from '../../../design/format.ts';
import { lazyPart } from '../../../design/lazy-part.tsx';
import { Notice } from '../../../design/notice.tsx';
import { ItemStatusBadge } from '../job-status.tsx';
import type { JobWatch } from './create-job-watch.ts';

/** Loaded with the first response that is opened. */
const Response = lazyPart(() => import('./item-response.tsx'), {
  skeleton: ({ text }) => <p className="whitespace-pre-wrap wrap-anywhere">{text}</p>,
  failure: 'skeleton',
});

interface ItemRowProps {
  item: JobItem;
  watch: JobWatch;
  isOpen: boolean;
  onToggle: () => void;
}

const PREVIEW_CHARACTERS = 160;

export const ItemRow = memo(
  function ItemRow({ item, watch, isOpen, onToggle }: ItemRowProps) {
    const { index, custom_id, prompt, output, status, attempts, wait_ms, latency_ms, usage, error } = item;
    const failure = status === 'succeeded' ? null : error;
    const preview = failure ? failure.message : cutText(output ?? '', PREVIEW_CHARACTERS).trimStart();
    const detailId = `item-${index}`;
    const values = [
      attempts === 0 ? null : formatCount(attempts),
      wait_ms === null ? null : formatLatency(wait_ms),
      latency_ms === null ? null : formatLatency(latency_ms),
      usage === null ? null : formatCount(usage.total_tokens),
    ];
    return (
      <>
        <tr data-item={index} data-status={status} className="align-top transition-colors hover:bg-surface">
          <td className="py-1.5 pr-4 pl-3 text-right">
            <button
              type="button"
              aria-expanded={isOpen}
              aria-controls={isOpen ? detailId : undefined}
              aria-label={`Prompt ${index + 1}`}
              onClick={onToggle}
              className="target tabular inline-flex items-center gap-1 rounded-sm pr-1 text-sm text-text-2 hover:bg-surface-2"
            >
              <ChevronRight aria-hidden size={14} className={clsx('transition-transform', isOpen && 'rotate-90')} />
              {index + 1}
            </button>
          </td>
          <td className="py-2.5 pr-4">
            <p dir="auto" className="truncate">
              {cutText(prompt, PREVIEW_CHARACTERS)}
            </p>
            {custom_id !== null && <p className="truncate font-mono text-xs text-text-3">{custom_id}</p>}
            {preview && (
              <p dir="auto" className={clsx('truncate text-sm sm:hidden', failure ? 'text-bad' : 'text-text-2')}>
                {preview}
              </p>
            )}
            <div className="mt-1 flex gap-3 sm:hidden">
              <ItemStatusBadge status={status} />
              <span className="tabular text-sm text-text-3">{values[2]}</span>
            </div>
          </td>
          <td className="py-2.5 pr-4 max-sm:hidden">
            <p dir="auto" className={clsx('truncate', failure ? 'text-sm text-bad' : 'text-text-2')}>
              {preview}
            </p>
          </td>
          <td className="py-2.5 pr-4 max-sm:hidden">
            <ItemStatusBadge status={status} />
          </td>
          {values.map((value, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a column has no identity but its position.
            <td key={column} className="tabular py-2.5 pr-5 text-right text-sm whitespace-nowrap text-text-2 max-lg:hidden">
              {value ?? <span className="text-text-3">–</span>}
            </td>
          ))}
        </tr>
        {isOpen && (
          <tr>
            <td id={detailId} colSpan={8} className="bg-surface px-5 py-4">
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

interface ItemDetailProps {
  item: JobItem;
  watch: JobWatch;
}

/** The full prompt with its response or its error. */
function ItemDetail({ item, watch }: ItemDetailProps) {
  const { output, failure } = useOutput(item, watch);
  const { prompt, error, status } = item;
  return (
    <div className="flex flex-col gap-5">
      <section aria-label="Prompt">
        <p className="mb-1 text-sm font-medium text-text-2">Prompt</p>
        <p dir="auto" className="max-h-80 overflow-y-auto whitespace-pre-wrap wrap-anywhere">
          {prompt}
        </p>
      </section>
      {error && (
        <Notice severity={status === 'succeeded' ? 'info' : status === 'failed' ? 'bad' : 'warn'} title={error.message}>
          <code className="font-mono text-xs">{error.code}</code>
          {status === 'succeeded' && ' in an earlier attempt'}
          {item.next_attempt_at && ` · next attempt at ${formatTimestamp(item.next_attempt_at)}`}
        </Notice>
      )}
      {output !== null && (
        <section aria-label="Response">
          <div className="mb-1 flex items-center gap-2">
            <p className="text-sm font-medium text-text-2">Response</p>
            <CopyButton label="Copy response" text={() => output} />
          </div>
          {output.trim() === '' ? (
            <p className="text-text-3">The model returned an empty response.</p>
          ) : (
            <Response text={output} />
          )}
        </section>
      )}
      {status === 'succeeded' && output === null && <p className="text-text-2">{failure ?? 'Loading response…'}</p>}
      <p className="tabular text-sm text-text-3">{itemStats(item).join(' · ')}</p>
    </div>
  );
}

/** Fetches the output of an item that has just succeeded, because events carry no output. */
function useOutput({ index, status, output, completed_at }: JobItem, watch: JobWatch) {
  const [fetched, setFetched] = useState<{ at: string | null; output: string | null }>();
  const [failure, setFailure] = useState<string | null>(null);
  const isMissing = status === 'succeeded' && output === null;
  useEffect(() => {
    if (!isMissing) return;
    const controller = new AbortController();
    watch
      .items({ limit: 1, after: index - 1 }, controller.signal)
      .then(({ items }) => setFetched({ at: completed_at, output: items[0]?.output ?? null }))
      .catch((thrown) => !controller.signal.aborted && setFailure(AppError.from(thrown).message));
    return () => controller.abort();
  }, [watch, index, completed_at, isMissing]);
  return { output: status === 'succeeded' ? (output ?? (fetched?.at === completed_at ? fetched.output : null)) : null, failure };
}

function itemStats({
  custom_id,
  attempts,
  worker,
  wait_ms,
  latency_ms,
  usage,
  estimated,
  cost_usd,
  model,
  finish_reason,
}: JobItem) {
  return [
    custom_id !== null && `ID ${custom_id}`,
    model,
    worker && `worker ${worker}`,
    attempts > 0 && formatCountOf(attempts, 'attempt'),
    wait_ms !== null && `queue time ${formatLatency(wait_ms)}`,
    latency_ms !== null && `run time ${formatLatency(latency_ms)}`,
    usage &&
      `${formatCount(usage.prompt_tokens)} + ${formatCount(usage.completion_tokens)} tokens${estimated ? ' (estimated)' : ''}`,
    usage && (cost_usd === null ? 'cost unknown' : formatDollars(cost_usd)),
    finish_reason === 'length' && 'truncated at the length limit',
  ].filter((stat): stat is string => typeof stat === 'string' && stat !== '');
}
