import type { Lab } from '@prodigon/contracts/workshop';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { Notice } from '../../design/notice.tsx';
import { Page } from '../../design/page.tsx';
import { WorkshopFailure } from '../workshop/workshop-failure.tsx';
import { taskPath } from '../workshop/workshop-paths.ts';
import { isActive, useTask } from '../workshop/workshop-queries.ts';
import { ChecksPanel } from './checks-panel.tsx';
import { takeFocus } from './focus-part.ts';
import { LabLayout } from './lab-layout.tsx';
import { refetchLab, useLab, useLabRun, useStopRun } from './lab-queries.ts';
import { PredictionCard, PredictionPanel } from './prediction-card.tsx';
import { RunForm } from './run-form.tsx';
import { RunHistory } from './run-history.tsx';
import { RunView } from './run-view.tsx';
import { useLiveLabRun } from './use-live-run.ts';
import { usePartOfHash } from './use-part-of-hash.ts';

/** The lab of a task: the prediction, the experiment with its verdict, and the checks of the exercise. */
export default function LabPage({ lab: name }: { lab: string }) {
  const { data: lab, error, refetch } = useLab(name);
  usePageTitle(lab?.title ?? 'Lab');
  if (lab) return <LabBench lab={lab} />;
  return <LabNotLoaded name={name} error={error} onRetry={() => void refetch()} />;
}

interface LabNotLoadedProps {
  name: string;
  error: Parameters<typeof WorkshopFailure>[0]['failure'] | null;
  onRetry: () => void;
}

export function LabNotLoaded({ name, error, onRetry }: LabNotLoadedProps): ReactNode {
  if (error?.status === 404) {
    return (
      <Page title="Lab not found">
        <p className="text-prose text-text-2">
          There is no lab “{name}”, or it has no such run.{' '}
          <Link href="/workshop" className="text-accent underline underline-offset-3">
            See all tasks
          </Link>
        </p>
      </Page>
    );
  }
  return (
    <Page title="Lab">
      {error ? (
        <WorkshopFailure title="Could not load the lab" failure={error} onRetry={onRetry} />
      ) : (
        <p className="text-text-2">Loading…</p>
      )}
    </Page>
  );
}

function LabBench({ lab }: { lab: Lab }) {
  const { data: task } = useTask(lab.task);
  const runId = lab.active_run ?? lab.runs[0]?.id ?? null;
  const { data: run, error } = useLabRun(lab.id, runId);
  const stop = useStopRun(lab);
  const isRunning = run !== undefined && isActive(run);
  const isLost = useLiveLabRun(isRunning ? run : null, () => refetchLab(lab));
  usePartOfHash();
  return (
    <LabLayout
      title={lab.title}
      lead={
        <>
          {task && (
            <Link href={taskPath(task.id)} className="rounded-sm hover:text-text hover:underline">
              {Number(task.id)} {task.title}
            </Link>
          )}
          {task && ' · '}Claim: “{lab.claim}”
        </>
      }
      checks={task && <ChecksPanel task={task} isStreamed={!isRunning} />}
    >
      <div id="predict" tabIndex={-1} className="scroll-mt-6">
        {isRunning && run.prediction ? (
          <PredictionCard prediction={run.prediction} />
        ) : (
          <PredictionPanel lab={lab} isLocked={isRunning} />
        )}
      </div>
      <div ref={takeFocus} id="run" tabIndex={-1} className="scroll-mt-6 empty:hidden">
        {!isRunning && <RunForm lab={lab} />}
      </div>
      {stop.error && (
        <Notice severity="bad" title="Could not stop the run">
          {stop.error.message}
        </Notice>
      )}
      {error && (
        <Notice severity="bad" title="Could not load the run">
          {error.message}
        </Notice>
      )}
      {run && <RunView run={run} task={task} isLost={isLost} isStopping={stop.isPending} onStop={() => stop.mutate(run.id)} />}
      <RunHistory lab={lab.id} runs={lab.runs} current={runId} />
    </LabLayout>
  );
}
