import type { CheckRun, Task } from '@prodigon/contracts/workshop';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../design/button.tsx';
import { lazyPart } from '../../design/lazy-part.tsx';
import { Notice } from '../../design/notice.tsx';
import { isActive, useCancelChecks, useStartChecks, useTaskAction } from '../workshop/workshop-queries.ts';
import { CheckRow } from './check-row.tsx';
import { focusPart, takeFocus } from './focus-part.ts';
import { refetchLab } from './lab-queries.ts';
import { useLiveCheckRun } from './use-live-run.ts';

const DiffDialog = lazyPart(() => import('./diff-view.tsx'), { failure: 'overlay' });
const ConfirmDialog = lazyPart(async () => ({ default: (await import('../../design/dialog.tsx')).ConfirmDialog }), {
  failure: 'overlay',
});

/** The button that runs all checks, and stops them while they run. */
const RUN_BUTTON_ID = 'run-checks';

interface ChecksPanelProps {
  task: Task;
  /** False while the page follows the events of an experiment. The result then arrives at the end. */
  isStreamed: boolean;
}

/** The checks of the exercise by stage, with the failure of the selected check below it. */
export function ChecksPanel({ task, isStreamed }: ChecksPanelProps) {
  const run = task.last_check_run;
  const isRunning = run !== null && isActive(run);
  const isLost = useLiveCheckRun(task.id, isRunning && isStreamed ? run : null, () =>
    refetchLab({ id: task.lab, task: task.id }),
  );
  const [selected, setSelected] = useState<string | null | undefined>(undefined);
  const action = useTaskAction(task.id);
  const start = useStartChecks(task.id);
  const cancel = useCancelChecks(task.id);
  const failure = action.error ?? start.error ?? cancel.error;
  const results = new Map([...task.check_results, ...(run?.results ?? [])].map((result) => [result.check, result]));
  const failed = run?.results.filter(({ status }) => status === 'failed') ?? [];
  // The first failure is open until the learner opens or closes one, and again when the open one passes.
  const isOpen = (id: string) =>
    id === (selected === null || failed.some(({ check }) => check === selected) ? selected : failed[0]?.check);
  const createCopy = () => action.mutate('startTask', { onSuccess: () => focusPart(RUN_BUTTON_ID) });
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-baseline justify-between gap-4">
        <h2 className="text-lg font-semibold">Checks</h2>
        <p className="tabular text-sm text-text-2">
          {task.progress.checks_passed} of {task.progress.checks_total} pass
        </p>
      </div>
      {task.progress.started ? (
        <CheckActions
          task={task}
          isRunning={isRunning}
          onRun={() => start.mutate({})}
          onReset={() => action.mutate('resetTask')}
          onStop={() => run && cancel.mutate(run.id)}
        />
      ) : (
        <StartCard folder={task.own_folder} isPending={action.isPending} onStart={createCopy} />
      )}
      {failure && (
        <Notice severity="bad" title="The action failed">
          {failure.message}
        </Notice>
      )}
      {isRunning && run && <RunningChecks run={run} isLost={isLost} />}
      {run?.problem && (
        <Notice severity="bad" title="The checks could not run your code">
          <span className="font-mono text-xs whitespace-pre-wrap">{run.problem}</span>
        </Notice>
      )}
      <ol className="flex flex-col gap-3">
        {task.stages.map((stage, index) => (
          <li key={stage.id} className="rounded-md border border-border bg-bg px-4 py-3">
            <details open>
              <summary className="cursor-pointer rounded-sm font-medium">
                Stage {index + 1}: {stage.title}{' '}
                <span className="tabular text-sm font-normal text-text-3">{stage.minutes} min</span>
              </summary>
              <p className="mt-1 text-sm text-text-2">{stage.goal}</p>
              <ul className="mt-2">
                {task.checks
                  .filter((check) => check.stage === stage.id)
                  .map(({ id, title }) => (
                    <CheckRow
                      key={id}
                      task={task}
                      id={id}
                      title={title}
                      result={results.get(id)}
                      isOpen={isOpen(id)}
                      canRun={task.progress.started && !isRunning}
                      onToggle={() => setSelected(isOpen(id) ? null : id)}
                      onRun={() => start.mutate({ only: [id] }, { onSuccess: () => focusPart(RUN_BUTTON_ID) })}
                    />
                  ))}
              </ul>
            </details>
          </li>
        ))}
      </ol>
    </div>
  );
}

function StartCard({ folder, isPending, onStart }: { folder: string; isPending: boolean; onStart: () => void }) {
  return (
    <div className="rounded-md border border-border bg-bg px-4 py-3">
      <p className="text-sm text-text-2">
        Prodigon copies the starter to <code className="font-mono">{folder}</code>. Edit the copy in your own editor.
      </p>
      <Button variant="primary" onClick={isPending ? undefined : onStart} className="mt-3">
        Start the exercise
      </Button>
    </div>
  );
}

interface CheckActionsProps {
  task: Task;
  isRunning: boolean;
  onRun: () => void;
  onStop: () => void;
  onReset: () => void;
}

function CheckActions({ task, isRunning, onRun, onStop, onReset }: CheckActionsProps) {
  const [dialog, setDialog] = useState<'diff' | 'reset' | null>(null);
  const close = () => setDialog(null);
  return (
    <div className="flex flex-wrap gap-2">
      {/* One element, so that it keeps the focus when its action changes. */}
      <Button
        ref={takeFocus}
        id={RUN_BUTTON_ID}
        variant={isRunning ? 'secondary' : 'primary'}
        onClick={isRunning ? onStop : onRun}
      >
        {isRunning ? (
          'Stop'
        ) : (
          <>
            <Play aria-hidden size={16} /> Run all checks
          </>
        )}
      </Button>
      <Button onClick={() => setDialog('diff')}>Compare with starter</Button>
      <Button variant="quiet" onClick={() => setDialog('reset')} disabled={isRunning}>
        Reset
      </Button>
      {dialog === 'diff' && <DiffDialog task={task.id} onClose={close} />}
      {dialog === 'reset' && (
        <ConfirmDialog title="Reset your copy?" action="Reset copy" onConfirm={onReset} onClose={close}>
          Prodigon replaces {task.own_folder} with the starter, and keeps a backup of your code beside it.
        </ConfirmDialog>
      )}
    </div>
  );
}

function RunningChecks({ run, isLost }: { run: CheckRun; isLost: boolean }) {
  const text =
    run.status === 'queued'
      ? `Queued: ${run.queue_position} ahead. The lab runs one at a time.`
      : `${run.results.length} of ${run.checks_total} checks done`;
  return (
    <div className="text-sm">
      <p role="status" className="tabular text-text-2">
        {text}
      </p>
      {isLost && <p className="text-warn">Live updates are interrupted. Reconnecting…</p>}
    </div>
  );
}
