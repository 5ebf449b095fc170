import { AppError, type JobItem } from '@prodigon/contracts';
import { useEffect, useState } from 'react';
import { CopyButton } from '../../../design/copy-button.tsx';
import { formatCount, formatDollars, formatLatency, formatMoment } from '../../../design/format.ts';
import { Notice } from '../../../design/notice.tsx';
import { Markdown } from '../../../markdown/markdown.tsx';
import type { JobWatch } from './create-job-watch.ts';

interface ItemDetailProps {
  item: JobItem;
  watch: JobWatch;
}

/** One prompt as a whole, with its answer or what kept it from having one. */
export function ItemDetail({ item, watch }: ItemDetailProps) {
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
        <Notice tone={status === 'succeeded' ? 'info' : status === 'failed' ? 'bad' : 'warn'} title={error.message}>
          <code className="font-mono text-xs">{error.code}</code>
          {status === 'succeeded' && ' in an earlier attempt'}
          {item.next_attempt_at && ` · next attempt at ${formatMoment(item.next_attempt_at)}`}
        </Notice>
      )}
      {output !== null && (
        <section aria-label="Answer">
          <div className="mb-1 flex items-center gap-2">
            <p className="text-sm font-medium text-text-2">Answer</p>
            <CopyButton label="Copy answer" text={() => output} />
          </div>
          {output.trim() === '' ? (
            <p className="text-text-3">The model answered with no text.</p>
          ) : (
            <Markdown text={output} complete />
          )}
        </section>
      )}
      {status === 'succeeded' && output === null && <p className="text-text-2">{failure ?? 'Fetching the answer…'}</p>}
      <p className="tabular text-sm text-text-3">{factsOf(item).join(' · ')}</p>
    </div>
  );
}

/** Events bring no answers: one that has just come is fetched. */
function useOutput({ index, status, output, completed_at }: JobItem, watch: JobWatch) {
  const [fetched, setFetched] = useState<{ at: string | null; output: string | null }>();
  const [failure, setFailure] = useState<string | null>(null);
  const isWanted = status === 'succeeded' && output === null;
  useEffect(() => {
    if (!isWanted) return;
    const controller = new AbortController();
    watch
      .items({ limit: 1, after: index - 1 }, controller.signal)
      .then(({ items }) => setFetched({ at: completed_at, output: items[0]?.output ?? null }))
      .catch((thrown) => !controller.signal.aborted && setFailure(AppError.from(thrown).message));
    return () => controller.abort();
  }, [watch, index, completed_at, isWanted]);
  return { output: status === 'succeeded' ? (output ?? (fetched?.at === completed_at ? fetched.output : null)) : null, failure };
}

function factsOf({
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
    custom_id !== null && `id ${custom_id}`,
    model,
    worker && `worked on by ${worker}`,
    attempts > 0 && `${formatCount(attempts)} attempt${attempts === 1 ? '' : 's'}`,
    wait_ms !== null && `waited ${formatLatency(wait_ms)}`,
    latency_ms !== null && `ran ${formatLatency(latency_ms)}`,
    usage &&
      `${formatCount(usage.prompt_tokens)} + ${formatCount(usage.completion_tokens)} tokens${estimated ? ' (estimated)' : ''}`,
    usage && (cost_usd === null ? 'cost not known' : formatDollars(cost_usd)),
    finish_reason === 'length' && 'cut at its length limit',
  ].filter((fact): fact is string => typeof fact === 'string' && fact !== '');
}
