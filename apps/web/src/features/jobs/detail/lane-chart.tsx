import { memo, useRef } from 'react';
import { classes } from '../../../design/classes.ts';
import { formatCountOf, formatLatency } from '../../../design/format.ts';
import type { Bar, BarOutcome } from './attempt-timeline.ts';
import type { Lane } from './lane-layout.ts';

const FILLS: Record<BarOutcome, string> = {
  running: 'bg-worker stripes',
  succeeded: 'bg-worker',
  failed: 'bg-bad',
  retried: 'border-2 border-warn',
  stopped: 'bg-control',
  lost: 'border border-dashed border-bad',
};
const LEGEND: readonly [BarOutcome, string][] = [
  ['succeeded', 'answered'],
  ['running', 'in flight'],
  ['retried', 'to be retried'],
  ['failed', 'failed'],
  ['lost', 'worker lost'],
];
/** A lane is as high as its rows, within reason. */
const LANE_PX = { min: 28, max: 120, row: 14 };

interface LaneChartProps {
  lanes: readonly Lane[];
  from: number;
  end: number;
  isOver: boolean;
}

export function LaneChart({ lanes, from, end, isOver }: LaneChartProps) {
  const words = lanes.map(
    ({ worker, running, settled }) => `${worker}: ${running} in flight, ${formatCountOf(settled, 'attempt')} ended`,
  );
  return (
    <div>
      <div role="img" aria-label={`Attempts by worker. ${words.join('. ')}`} className="flex flex-col gap-3">
        {lanes.map((lane) => (
          <div key={lane.worker}>
            <p aria-hidden="true" className="mb-1 flex justify-between gap-4 text-xs text-text-2">
              <span className="truncate font-medium">{lane.worker}</span>
              <span className="tabular text-text-3">{lane.running} in flight</span>
            </p>
            <LaneRows lane={lane} from={from} end={end} />
          </div>
        ))}
        <p aria-hidden="true" className="tabular flex justify-between text-xs text-text-3">
          <span>
            {formatLatency(end - from)} {isOver ? 'before the end' : 'ago'}
          </span>
          <span>{isOver ? 'the end' : 'now'}</span>
        </p>
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-text-2">
        {LEGEND.map(([outcome, words]) => (
          <li key={outcome} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={classes('h-2.5 w-4 rounded-[2px]', FILLS[outcome])} /> {words}
          </li>
        ))}
        <li className="flex items-center gap-1.5">
          <span aria-hidden="true" className="h-2.5 w-4 rounded-[2px] border-l-3 border-l-text bg-worker" /> a further attempt
        </li>
      </ul>
    </div>
  );
}

function LaneRows({ lane: { rows }, from, end }: { lane: Lane; from: number; end: number }) {
  const span = Math.max(1, end - from);
  // Grows and never shrinks: a page that twitches cannot be read.
  const most = useRef(0);
  most.current = Math.max(most.current, rows.length);
  const height = Math.min(LANE_PX.max, Math.max(LANE_PX.min, most.current * LANE_PX.row));
  return (
    <div className="relative overflow-hidden rounded-sm bg-surface-2 contain-strict" style={{ height }}>
      {rows.flatMap((row, place) =>
        row.map((bar) => {
          const left = Math.max(0, (bar.start - from) / span);
          const right = Math.max(0, (end - (bar.end ?? end)) / span);
          return (
            <Attempt
              key={`${bar.index}:${bar.start}`}
              outcome={bar.outcome}
              isRetry={bar.attempt > 1}
              left={left * 100}
              width={Math.max(0, 1 - left - right) * 100}
              top={(place / most.current) * 100}
              height={100 / most.current}
            />
          );
        }),
      )}
    </div>
  );
}

interface AttemptProps {
  outcome: Bar['outcome'];
  isRetry: boolean;
  left: number;
  width: number;
  top: number;
  height: number;
}

/** In percents of its lane. */
const Attempt = memo(function Attempt({ outcome, isRetry, left, width, top, height }: AttemptProps) {
  return (
    <span
      className="absolute min-w-0.5 p-px"
      style={{ left: `${left}%`, width: `${width}%`, top: `${top}%`, height: `${height}%` }}
    >
      <span className={classes('block size-full rounded-[2px]', FILLS[outcome], isRetry && 'border-l-3 border-l-text')} />
    </span>
  );
});
