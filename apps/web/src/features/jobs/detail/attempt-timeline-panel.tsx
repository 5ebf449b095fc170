import { memo, useState } from 'react';
import { Button } from '../../../design/button.tsx';
import { formatCount } from '../../../design/format.ts';
import { Panel } from '../../../design/panel.tsx';
import { LANES_WINDOW_MS, type LaneBook } from './attempt-timeline.ts';
import { LaneChart } from './lane-chart.tsx';
import { type Lane, layOutLanes } from './lane-layout.ts';
import { useTick } from './use-tick.ts';

const SHORTEST_WINDOW_MS = 10_000;

interface LanesPanelProps {
  startedAt: string | null;
  /** Null while the job goes on. */
  completedAt: string | null;
  lanes: LaneBook;
}

/** Who works on what: the last minute, a lane for each worker. Drawn by its own clock, however often the job changes. */
export const LanesPanel = memo(function LanesPanel({ startedAt, completedAt, lanes }: LanesPanelProps) {
  const [isTable, setTable] = useState(false);
  const over = completedAt !== null;
  const now = useTick(!over);
  const end = over ? Date.parse(completedAt) : lanes.serverTime(now);
  const from = windowStart(startedAt, over, end);
  const shown = layOutLanes(lanes.bars(), from, end);
  return (
    <Panel
      title="Workers"
      aside={
        <Button look="quiet" onClick={() => setTable(!isTable)}>
          {isTable ? 'As lanes' : 'As a table'}
        </Button>
      }
    >
      <div className="flex flex-col gap-4 p-5">
        {shown.length === 0 && <p className="text-text-2">{over ? 'No worker has left a trace.' : 'No worker has begun yet.'}</p>}
        {shown.length > 0 &&
          (isTable ? <LaneTable lanes={shown} /> : <LaneChart lanes={shown} from={from} end={end} isOver={over} />)}
      </div>
    </Panel>
  );
});

/** A minute, or since the job began when that is less: an empty minute before it tells nothing. */
function windowStart(startedAt: string | null, over: boolean, end: number): number {
  const earliest = end - LANES_WINDOW_MS;
  if (startedAt === null) return earliest;
  const began = Date.parse(startedAt);
  return Math.max(earliest, over ? began : Math.min(began, end - SHORTEST_WINDOW_MS));
}

function LaneTable({ lanes }: { lanes: readonly Lane[] }) {
  return (
    <table className="tabular w-full text-sm">
      <caption className="pb-2 text-left text-text-3">Attempts of the last minute</caption>
      <thead className="text-left text-text-2">
        <tr>
          {['Worker', 'In flight', 'Ended', 'Retries'].map((label) => (
            <th key={label} scope="col" className="border-b border-border py-1.5 pr-4 font-medium">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lanes.map(({ worker, running, settled, retries }) => (
          <tr key={worker}>
            <th scope="row" className="py-1.5 pr-4 text-left font-medium wrap-anywhere">
              {worker}
            </th>
            <td className="pr-4">{formatCount(running)}</td>
            <td className="pr-4">{formatCount(settled)}</td>
            <td>{formatCount(retries)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
