import type { LabRun, Task } from '@prodigon/contracts/workshop';
import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, ButtonLink } from '../../design/button.tsx';
import { downloadText } from '../../design/download-text.ts';
import { Notice } from '../../design/notice.tsx';
import { sectionPath } from '../workshop/workshop-paths.ts';
import { isActive } from '../workshop/workshop-queries.ts';
import { EstimatesTable } from './estimates-table.tsx';
import { takeFocus } from './focus-part.ts';
import { useLabRun } from './lab-queries.ts';
import { RunChart } from './run-chart.tsx';
import { RunProgress } from './run-progress.tsx';
import { useSearchParameter } from './search-parameter.ts';
import { VerdictCard } from './verdict-card.tsx';

interface RunViewProps {
  run: LabRun;
  task: Task | undefined;
  isLost?: boolean;
  isStopping?: boolean;
  onStop?: () => void;
}

/** The chart, the progress and the verdict of a run, and optionally the lines of another run. */
export function RunView({ run, task, isLost = false, isStopping = false, onStop }: RunViewProps) {
  const [overlayId] = useSearchParameter('overlay');
  const [metricId, setMetric] = useSearchParameter('metric');
  const { data: overlay = null } = useLabRun(run.lab, overlayId === run.id ? null : overlayId);
  const metric = run.metrics.find(({ id }) => id === metricId) ?? run.metrics[0];
  const why = task?.sections.find(({ slug }) => slug.startsWith('why'));
  return (
    <>
      <VerdictAnnouncer run={run} />
      {!isActive(run) && (
        <div ref={takeFocus} id="result" tabIndex={-1} className="scroll-mt-6 empty:hidden">
          {run.problem && (
            <Notice severity="bad" title="The run failed">
              {run.problem}
            </Notice>
          )}
          {run.status === 'cancelled' && (
            <Notice severity="info" title="The run was stopped">
              The run has no verdict. The blocks that it measured are below.
            </Notice>
          )}
          {run.verdict && <VerdictCard run={run} verdict={run.verdict} />}
        </div>
      )}
      {!isActive(run) && (
        <div className="flex flex-wrap gap-2">
          {run.verdict && task && why && <ButtonLink href={sectionPath(task.id, why.slug)}>Why? Read the mechanism →</ButtonLink>}
          <Button onClick={() => downloadRun(run)}>
            <Download aria-hidden size={16} /> Export JSON
          </Button>
        </div>
      )}
      <section aria-label="Measurements" className="min-w-0 rounded-md border border-border">
        {isActive(run) && onStop && <RunProgress run={run} isLost={isLost} isStopping={isStopping} onStop={onStop} />}
        {run.metrics.length > 1 && (
          <label className="flex items-center gap-3 px-5 pt-4 text-sm">
            Metric
            <select value={metric?.id} onChange={(event) => setMetric(event.target.value)} className="field w-auto max-w-full">
              {run.metrics.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
        {metric && run.points.length > 0 && <RunChart run={run} metric={metric} overlay={overlay} />}
        {run.points.length === 0 && (
          <p className="p-5 text-text-2">{isActive(run) ? 'The first block will appear here.' : 'The run measured no block.'}</p>
        )}
        {run.estimates.length > 0 && <EstimatesTable run={run} other={overlay} />}
      </section>
    </>
  );
}

const downloadRun = (run: LabRun) =>
  downloadText(`${run.lab}-${run.id}.json`, `${JSON.stringify(run, null, 2)}\n`, 'application/json');

/** Announces the verdict when a run that was watched ends. */
function VerdictAnnouncer({ run }: { run: LabRun }) {
  const [wasActive, setWasActive] = useState(false);
  const isRunning = isActive(run);
  useEffect(() => {
    if (isRunning) setWasActive(true);
  }, [isRunning]);
  return (
    <p role="status" className="sr-only">
      {wasActive && !isRunning && run.verdict ? `${run.verdict.status}: ${run.verdict.sentence}` : ''}
    </p>
  );
}
