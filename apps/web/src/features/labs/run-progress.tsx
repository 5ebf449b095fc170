import type { LabProgress, LabRun } from '@prodigon/contracts/workshop';
import { useEffect, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { formatDuration } from '../../design/format.ts';
import { ProgressBar } from '../workshop/progress-bar.tsx';
import { focusPart, takeFocus } from './focus-part.ts';
import { useLabStatus } from './lab-queries.ts';

const PHASES: Record<LabProgress['phase'], string> = {
  queued: 'Queued',
  starting: 'Starting the platforms',
  warming_up: 'Warming up',
  measuring: 'Measuring',
  evaluating: 'Evaluating',
  finished: 'Finished',
};

interface RunProgressProps {
  run: LabRun;
  /** Whether the live connection is interrupted. */
  isLost: boolean;
  isStopping: boolean;
  onStop: () => void;
}

/** The phase of an active run, the remaining time, and a button that stops the run. */
export function RunProgress({ run, isLost, isStopping, onStop }: RunProgressProps) {
  const { phase, arm, share, blocks_done, blocks_total, seconds_left } = run.progress;
  const isQueued = run.status === 'queued';
  const armLabel = run.arms.find(({ id }) => id === arm)?.label;
  const title = isQueued ? 'Queued' : armLabel ? `${PHASES[phase]}: ${armLabel}` : PHASES[phase];
  return (
    <section ref={followFocus} id="progress" tabIndex={-1} aria-label="Progress" className="flex flex-col gap-3 p-5">
      <div className="tabular flex flex-wrap justify-between gap-x-4 text-sm">
        <p className="font-medium">{title}</p>
        <p className="text-text-2">
          {blocks_total > 0 && `Block ${Math.min(blocks_done + 1, blocks_total)} of ${blocks_total}`}
          {seconds_left !== null && ` · about ${formatDuration(Math.max(1, seconds_left))} left`}
        </p>
      </div>
      <div className="flex items-center gap-4">
        <ProgressBar label="Progress of the run" share={share} className="flex-1" />
        <Button onClick={isStopping ? undefined : onStop}>{isStopping ? 'Stopping…' : 'Stop'}</Button>
      </div>
      {isQueued && <Queue position={run.queue_position} ownId={run.id} />}
      {isLost && <p className="text-sm text-warn">Live updates are interrupted. Reconnecting… The run continues.</p>}
      <Milestones run={run} />
    </section>
  );
}

/** Takes the focus from the form that started the run, and passes it on to the result when the run ends. */
function followFocus(section: HTMLElement): () => void {
  takeFocus(section);
  return () => {
    if (section.contains(document.activeElement)) focusPart('result');
  };
}

/** The number of runs ahead of this one. */
function Queue({ position, ownId }: { position: number; ownId: string }) {
  const { data } = useLabStatus(true);
  const own = data?.activities.findIndex(({ id }) => id === ownId) ?? -1;
  const ahead = own > 0 ? (data?.activities.slice(0, own) ?? []) : [];
  return (
    <div className="text-sm text-text-2">
      <p>
        {position > 0
          ? `${position} ${position === 1 ? 'run' : 'runs'} ahead. The lab runs one at a time, so that runs do not disturb each other.`
          : 'This run starts next.'}
      </p>
      <ul className="list-disc ps-5">
        {ahead.map(({ id, title, status }) => (
          <li key={id}>
            {title} ({status})
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Announces phases and full quarters to screen readers, but not each block. */
function Milestones({ run: { status, progress } }: { run: LabRun }) {
  const quarter = Math.floor(progress.share * 4) * 25;
  const text = status === 'queued' ? 'Queued' : `${PHASES[progress.phase]}${quarter > 0 ? `, at least ${quarter} % done` : ''}`;
  const [announced, setAnnounced] = useState('');
  useEffect(() => setAnnounced(text), [text]);
  return (
    <p role="status" className="sr-only">
      {announced}
    </p>
  );
}
