import { clsx } from 'clsx';
import { memo, useRef, useState } from 'react';
import { useAnimationTime } from '../../../design/browser-hooks.ts';
import { Button } from '../../../design/button.tsx';
import { formatCount, formatCountOf, formatDuration, formatLatency } from '../../../design/format.ts';
import { Panel } from '../../../design/page.tsx';
import { useSilentWorkers } from '../../dashboard/worker-silence.ts';
import {
  type AttemptOutcome,
  type AttemptTimeline,
  endSilentAttempts,
  layOutTimelines,
  TIMELINE_WINDOW_MS,
  type WorkerTimeline,
} from './attempt-timeline.ts';

const WINDOW_MS_MIN = 10_000;

interface AttemptTimelinePanelProps {
  startedAt: string | null;
  /** Null while the job runs. */
  completedAt: string | null;
  timeline: AttemptTimeline;
  /** Whether the timeline contains the attempts from before the page opened. */
  isHistoryLoaded: boolean;
}

/** The attempts of the last minute by worker. It animates on its own clock, independently of events. */
export const AttemptTimelinePanel = memo(function AttemptTimelinePanel(props: AttemptTimelinePanelProps) {
  const { startedAt, completedAt, timeline, isHistoryLoaded } = props;
  const [isTable, setTable] = useState(false);
  const isOver = completedAt !== null;
  const now = useAnimationTime(!isOver);
  const end = isOver ? Date.parse(completedAt) : timeline.serverTime(now);
  const from = windowStart(startedAt, isOver, end);
  const silentMs = useSilentWorkers(now);
  const attempts = isOver ? timeline.attempts() : endSilentAttempts(timeline.attempts(), silentMs, end);
  const workers = layOutTimelines(attempts, from, end);
  return (
    <Panel
      title="Workers"
      aside={
        <Button variant="quiet" onClick={() => setTable(!isTable)}>
          {isTable ? 'Show chart' : 'Show table'}
        </Button>
      }
    >
      <div className="flex flex-col gap-4 p-5">
        {workers.length === 0 && <p className="text-text-2">{emptyMessage(isHistoryLoaded, isOver)}</p>}
        {workers.length > 0 &&
          (isTable ? (
            <TimelineTable workers={workers} />
          ) : (
            <TimelineChart workers={workers} from={from} end={end} isOver={isOver} silentMs={silentMs} />
          ))}
      </div>
    </Panel>
  );
});

function emptyMessage(isHistoryLoaded: boolean, isOver: boolean): string {
  if (!isHistoryLoaded) return 'Loading…';
  return isOver ? 'No attempts recorded' : 'Waiting for a worker';
}

/** One minute before the end, or the start of the job if that is later. */
function windowStart(startedAt: string | null, isOver: boolean, end: number): number {
  const earliest = end - TIMELINE_WINDOW_MS;
  if (startedAt === null) return earliest;
  const start = Date.parse(startedAt);
  return Math.max(earliest, isOver ? start : Math.min(start, end - WINDOW_MS_MIN));
}

function TimelineTable({ workers }: { workers: readonly WorkerTimeline[] }) {
  return (
    <table className="tabular w-full text-sm">
      <caption className="pb-2 text-left text-text-3">Attempts in the last minute</caption>
      <thead className="text-left text-text-2">
        <tr>
          {['Worker', 'Running', 'Finished', 'Retries'].map((label) => (
            <th key={label} scope="col" className="border-b border-border py-1.5 pr-4 font-medium">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {workers.map(({ worker, running, finished, retries }) => (
          <tr key={worker}>
            <th scope="row" className="py-1.5 pr-4 text-left font-medium wrap-anywhere">
              {worker}
            </th>
            <td className="pr-4">{formatCount(running)}</td>
            <td className="pr-4">{formatCount(finished)}</td>
            <td>{formatCount(retries)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const FILLS: Record<AttemptOutcome, string> = {
  running: 'bg-worker stripes',
  succeeded: 'bg-worker',
  failed: 'bg-bad',
  retried: 'border-2 border-warn',
  stopped: 'bg-control',
  lost: 'border border-dashed border-bad',
};
const LEGEND: readonly [AttemptOutcome, string][] = [
  ['succeeded', 'Succeeded'],
  ['running', 'Running'],
  ['retried', 'Retried'],
  ['failed', 'Failed'],
  ['lost', 'Worker lost'],
];
/** The height of a worker's rows together. */
const HEIGHT_PX = { min: 28, max: 120, row: 14 };

interface TimelineChartProps {
  workers: readonly WorkerTimeline[];
  from: number;
  end: number;
  isOver: boolean;
  silentMs: ReadonlyMap<string, number>;
}

function TimelineChart({ workers, from, end, isOver, silentMs }: TimelineChartProps) {
  const summary = workers.map(
    ({ worker, running, finished }) => `${worker}: ${running} running, ${formatCountOf(finished, 'attempt')} finished`,
  );
  return (
    <div>
      <div role="img" aria-label={`Attempts by worker. ${summary.join('. ')}`} className="flex flex-col gap-3">
        {workers.map((timeline) => (
          <div key={timeline.worker}>
            <p aria-hidden="true" className="mb-1 flex justify-between gap-4 text-xs text-text-2">
              <span className="truncate font-medium">{timeline.worker}</span>
              <WorkerState running={timeline.running} silentMs={isOver ? undefined : silentMs.get(timeline.worker)} />
            </p>
            <TimelineRows timeline={timeline} from={from} end={end} />
          </div>
        ))}
        <p aria-hidden="true" className="tabular flex justify-between text-xs text-text-3">
          <span>
            {formatLatency(end - from)} {isOver ? 'before the end' : 'ago'}
          </span>
          <span>{isOver ? 'End' : 'Now'}</span>
        </p>
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-text-2">
        {LEGEND.map(([outcome, label]) => (
          <li key={outcome} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={clsx('h-2.5 w-4 rounded-[2px]', FILLS[outcome])} /> {label}
          </li>
        ))}
        <li className="flex items-center gap-1.5">
          <span aria-hidden="true" className="h-2.5 w-4 rounded-[2px] border-l-3 border-l-text bg-worker" /> Second or later
          attempt
        </li>
      </ul>
    </div>
  );
}

function WorkerState({ running, silentMs }: { running: number; silentMs: number | undefined }) {
  if (silentMs === undefined) return <span className="tabular text-text-3">{running} running</span>;
  return <span className="tabular font-medium text-warn">silent for {formatDuration(silentMs / 1_000)}</span>;
}

function TimelineRows({ timeline: { rows }, from, end }: { timeline: WorkerTimeline; from: number; end: number }) {
  const span = Math.max(1, end - from);
  // The height never shrinks, so that the page does not jump.
  const rowsMax = useRef(0);
  rowsMax.current = Math.max(rowsMax.current, rows.length);
  const height = Math.min(HEIGHT_PX.max, Math.max(HEIGHT_PX.min, rowsMax.current * HEIGHT_PX.row));
  return (
    <div className="relative overflow-hidden rounded-sm bg-surface-2 contain-strict" style={{ height }}>
      {rows.flatMap((row, position) =>
        row.map((attempt) => {
          const left = Math.max(0, (attempt.start - from) / span);
          const right = Math.max(0, (end - (attempt.end ?? end)) / span);
          return (
            <AttemptBar
              key={`${attempt.index}:${attempt.start}`}
              outcome={attempt.outcome}
              isRetry={attempt.attempt > 1}
              left={left * 100}
              width={Math.max(0, 1 - left - right) * 100}
              top={(position / rowsMax.current) * 100}
              height={100 / rowsMax.current}
            />
          );
        }),
      )}
    </div>
  );
}

interface AttemptBarProps {
  outcome: AttemptOutcome;
  isRetry: boolean;
  /** All four in percent of the timeline. */
  left: number;
  width: number;
  top: number;
  height: number;
}

const AttemptBar = memo(function AttemptBar({ outcome, isRetry, left, width, top, height }: AttemptBarProps) {
  return (
    <span
      className="absolute min-w-0.5 p-px"
      style={{ left: `${left}%`, width: `${width}%`, top: `${top}%`, height: `${height}%` }}
    >
      <span className={clsx('block size-full rounded-[2px]', FILLS[outcome], isRetry && 'border-l-3 border-l-text')} />
    </span>
  );
});
