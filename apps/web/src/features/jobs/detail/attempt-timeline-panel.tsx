import type { RunningItem } from '@prodigon/contracts';
import { memo, useState } from 'react';
import { useAnimationTime } from '../../../design/browser-hooks.ts';
import { Button } from '../../../design/button.tsx';
import { formatCount } from '../../../design/format.ts';
import { Panel } from '../../../design/page.tsx';
import { useSilentWorkers } from '../../dashboard/worker-silence.ts';
import {
  type AttemptTimeline,
  endSilentAttempts,
  layOutTimelines,
  TIMELINE_WINDOW_MS,
  type WorkerTimeline,
} from './attempt-timeline.ts';
import { AttemptTimelineChart } from './attempt-timeline-chart.tsx';

const WINDOW_MS_MIN = 10_000;

interface AttemptTimelinePanelProps {
  startedAt: string | null;
  /** Null while the job runs. */
  completedAt: string | null;
  timeline: AttemptTimeline;
  /** The running prompts at the time of the counts that the page shows. */
  running: readonly RunningItem[];
  /** Whether the timeline contains the attempts from before the page opened. */
  isHistoryLoaded: boolean;
}

/** The attempts of the last minute by worker. It animates on its own clock, independently of events. */
export const AttemptTimelinePanel = memo(function AttemptTimelinePanel(props: AttemptTimelinePanelProps) {
  const { startedAt, completedAt, timeline, running, isHistoryLoaded } = props;
  const [isTable, setTable] = useState(false);
  const isOver = completedAt !== null;
  const now = useAnimationTime(!isOver);
  const end = isOver ? Date.parse(completedAt) : timeline.serverTime(now);
  const from = windowStart(startedAt, isOver, end);
  const silentMs = useSilentWorkers(now);
  const attempts = isOver ? timeline.attempts() : endSilentAttempts(timeline.attempts(), silentMs, end);
  const workers = layOutTimelines(attempts, running, from, end);
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
            <AttemptTimelineChart workers={workers} from={from} end={end} isOver={isOver} silentMs={silentMs} />
          ))}
        {running.length > 0 && (
          <p className="text-xs text-text-3">Workers claim fast prompts in advance. Prompts count as running from then on.</p>
        )}
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
          <th scope="col" className="border-b border-border py-1.5 font-medium">
            Worker
          </th>
          {['Running', 'Finished', 'Failed', 'Retries'].map((label) => (
            <th key={label} scope="col" className="border-b border-border py-1.5 pl-4 text-right font-medium">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {workers.map(({ worker, running, finished, failed, retries }) => (
          <tr key={worker}>
            <th scope="row" className="py-1.5 text-left font-medium wrap-anywhere">
              {worker}
            </th>
            {Object.entries({ running, finished, failed, retries }).map(([name, count]) => (
              <td key={name} className="pl-4 text-right">
                {formatCount(count)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
