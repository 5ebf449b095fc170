import { clsx } from 'clsx';
import { memo, useRef } from 'react';
import { formatCountOf, formatDuration, formatLatency } from '../../../design/format.ts';
import { SEGMENT_FILLS } from '../job-status.tsx';
import {
  type AttemptBar,
  type AttemptOutcome,
  type TimelineTick,
  timelineTicks,
  type WorkerTimeline,
} from './attempt-timeline.ts';

/** The outcomes in the order of the legend, with the colors of the progress bar. */
const OUTCOMES: Record<AttemptOutcome, { label: string; fill: string }> = {
  succeeded: { label: 'Succeeded', fill: SEGMENT_FILLS.succeeded },
  running: { label: 'Running', fill: SEGMENT_FILLS.running },
  retried: { label: 'Retried', fill: 'border-2 border-warn bg-warn/40' },
  failed: { label: 'Failed', fill: SEGMENT_FILLS.failed },
  stopped: { label: 'Cancelled or expired', fill: SEGMENT_FILLS.notRun },
  lost: { label: 'Worker lost', fill: 'border border-dashed border-bad' },
};
/** The height of a worker's rows together. */
const HEIGHT_PX = { min: 28, max: 120, row: 14 };

interface AttemptTimelineChartProps {
  workers: readonly WorkerTimeline[];
  from: number;
  end: number;
  isOver: boolean;
  silentMs: ReadonlyMap<string, number>;
}

/** The attempts of each worker as bars over time. */
export function AttemptTimelineChart({ workers, from, end, isOver, silentMs }: AttemptTimelineChartProps) {
  const span = Math.max(1, end - from);
  const ticks = timelineTicks(span);
  const shown = new Set(workers.flatMap(({ rows }) => rows.flatMap((row) => row.map(({ outcome }) => outcome))));
  const summary = workers.map(
    ({ worker, running, finished, failed }) =>
      `${worker}: ${running} running, ${formatCountOf(finished, 'attempt')} finished, ${failed} failed`,
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
            <TimelineRows timeline={timeline} from={from} end={end} ticks={ticks} />
          </div>
        ))}
        <p aria-hidden="true" className="tabular relative h-4 text-xs whitespace-nowrap text-text-3">
          {ticks.map(({ ms, label }) => (
            <span
              key={ms}
              // At the left edge, half of the label would leave the chart.
              className={clsx('absolute', ms < span * 0.97 && '-translate-x-1/2')}
              style={{ left: `${(1 - ms / span) * 100}%` }}
            >
              {label}
            </span>
          ))}
          <span className="absolute right-0">{isOver ? 'End' : 'Now'}</span>
        </p>
      </div>
      <ul aria-label="Outcomes" className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-text-2">
        {Object.entries(OUTCOMES)
          .filter(([outcome]) => shown.has(outcome as AttemptOutcome))
          .map(([outcome, { label, fill }]) => (
            <li key={outcome} className="flex items-center gap-1.5">
              <span aria-hidden="true" className={clsx('h-2.5 w-4 rounded-[2px]', fill)} /> {label}
            </li>
          ))}
      </ul>
    </div>
  );
}

function WorkerState({ running, silentMs }: { running: number; silentMs: number | undefined }) {
  if (silentMs === undefined) return <span className="tabular text-text-3">{running} running</span>;
  return <span className="tabular font-medium text-warn">silent for {formatDuration(silentMs / 1_000)}</span>;
}

interface TimelineRowsProps {
  timeline: WorkerTimeline;
  from: number;
  end: number;
  ticks: readonly TimelineTick[];
}

function TimelineRows({ timeline: { rows }, from, end, ticks }: TimelineRowsProps) {
  const span = Math.max(1, end - from);
  // The height never shrinks, so that the page does not jump.
  const rowsMax = useRef(0);
  rowsMax.current = Math.max(rowsMax.current, rows.length);
  const height = Math.min(HEIGHT_PX.max, Math.max(HEIGHT_PX.min, rowsMax.current * HEIGHT_PX.row));
  return (
    <div className="relative overflow-hidden rounded-sm bg-surface-2 contain-strict" style={{ height }}>
      {ticks.map(({ ms }) => (
        <span key={ms} className="absolute h-full w-px bg-border" style={{ left: `${(1 - ms / span) * 100}%` }} />
      ))}
      {rows.flatMap((row, position) =>
        row.map((bar) => {
          const left = Math.max(0, (bar.start - from) / span);
          const right = Math.max(0, (end - (bar.end ?? end)) / span);
          return (
            <Bar
              key={`${bar.index}:${bar.start}`}
              outcome={bar.outcome}
              title={barTitle(bar)}
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

/** `Prompt 12, attempt 2: failed after 1.2 s`. */
function barTitle({ index, attempt, attempts, outcome, start, end }: AttemptBar): string {
  const label = OUTCOMES[outcome].label.toLowerCase();
  if (attempts > 1) return `${formatCountOf(attempts, 'attempt')}: ${label}`;
  const duration = end === null || outcome === 'running' ? '' : ` after ${formatLatency(end - start)}`;
  return `Prompt ${index + 1}, attempt ${attempt}: ${label}${duration}`;
}

interface BarProps {
  outcome: AttemptOutcome;
  title: string;
  /** All four in percent of the timeline. */
  left: number;
  width: number;
  top: number;
  height: number;
}

const Bar = memo(function Bar({ outcome, title, left, width, top, height }: BarProps) {
  return (
    <span
      title={title}
      className="absolute min-w-0.5 p-px"
      style={{ left: `${left}%`, width: `${width}%`, top: `${top}%`, height: `${height}%` }}
    >
      <span className={clsx('block size-full rounded-[2px]', OUTCOMES[outcome].fill)} />
    </span>
  );
});
