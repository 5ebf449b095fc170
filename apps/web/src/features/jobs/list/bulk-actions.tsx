import { AppError, isTerminalJobStatus, type Job } from '@prodigon/contracts';
import { useState } from 'react';
import { api } from '../../../api/api.ts';
import { Button } from '../../../design/button.tsx';
import { ConfirmDialog } from '../../../design/dialog.tsx';
import { formatCountOf } from '../../../design/format.ts';

interface BulkActionsProps {
  jobs: readonly Job[];
  /** Called after an action with a message for each failed job. */
  onDone: (failures: string[]) => void;
  onClear: () => void;
}

/** Cancels or deletes the selected jobs: unfinished ones can be cancelled, finished ones deleted. */
export function BulkActions({ jobs, onDone, onClear }: BulkActionsProps) {
  const [dialog, setDialog] = useState<'cancel' | 'delete'>();
  const [isBusy, setBusy] = useState(false);
  const unfinished = jobs.filter(({ status, cancelling }) => !isTerminalJobStatus(status) && !cancelling);
  const finished = jobs.filter(({ status }) => isTerminalJobStatus(status));

  const run = async (targets: readonly Job[], action: (jobId: string) => Promise<unknown>) => {
    setBusy(true);
    const failures = await runForEach(targets, ({ job_id }) => action(job_id));
    setBusy(false);
    onDone(failures.map(({ target, error }) => `${target.name}: ${error.message}`));
  };
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-border bg-accent-soft px-4 py-2">
      <p role="status" className="tabular mr-auto text-sm font-medium">
        {isBusy ? 'Working…' : `${formatCountOf(jobs.length, 'job')} selected`}
      </p>
      {unfinished.length > 0 && (
        <Button disabled={isBusy} onClick={() => setDialog('cancel')}>
          Cancel {formatCountOf(unfinished.length, 'job')}
        </Button>
      )}
      {finished.length > 0 && (
        <Button disabled={isBusy} onClick={() => setDialog('delete')}>
          Delete {formatCountOf(finished.length, 'job')}
        </Button>
      )}
      <Button variant="quiet" onClick={onClear}>
        Clear selection
      </Button>
      {dialog === 'cancel' && (
        <ConfirmDialog
          title={`Cancel ${formatCountOf(unfinished.length, 'job')}?`}
          action="Cancel jobs"
          onConfirm={() => void run(unfinished, (jobId) => api.jobs.cancel(jobId))}
          onClose={() => setDialog(undefined)}
        >
          Prompts without a response will not run. Existing responses are kept.
        </ConfirmDialog>
      )}
      {dialog === 'delete' && (
        <ConfirmDialog
          title={`Delete ${formatCountOf(finished.length, 'job')}?`}
          action="Delete jobs"
          onConfirm={() => void run(finished, (jobId) => api.jobs.remove(jobId))}
          onClose={() => setDialog(undefined)}
        >
          This permanently deletes their prompts, responses and statistics.
        </ConfirmDialog>
      )}
    </div>
  );
}

const CONCURRENCY = 4;

interface TargetFailure<Target> {
  target: Target;
  error: AppError;
}

/** Runs an action for each target, four at a time. Resolves with the failed targets and their errors; never rejects. */
export async function runForEach<Target>(
  targets: readonly Target[],
  action: (target: Target) => Promise<unknown>,
): Promise<TargetFailure<Target>[]> {
  const failures: TargetFailure<Target>[] = [];
  const queue = [...targets];
  const work = async () => {
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      try {
        await action(target);
      } catch (thrown) {
        failures.push({ target, error: AppError.from(thrown) });
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return failures;
}
