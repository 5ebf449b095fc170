import { isTerminalJobStatus, type Job } from '@prodigon/contracts';
import { useState } from 'react';
import { api } from '../../../api/api.ts';
import { Button } from '../../../design/button.tsx';
import { ConfirmDialog } from '../../../design/confirm-dialog.tsx';
import { formatCountOf } from '../../../design/format.ts';
import { runForAll } from './run-for-all.ts';

interface BulkBarProps {
  jobs: readonly Job[];
  /** After an action: what to look at again, and what could not be done. */
  onDone: (failures: string[]) => void;
  onClear: () => void;
}

/** What can be done with the chosen jobs: those that go on can be cancelled, those that are over deleted. */
export function BulkBar({ jobs, onDone, onClear }: BulkBarProps) {
  const [asked, setAsked] = useState<'cancel' | 'delete'>();
  const [isBusy, setBusy] = useState(false);
  const going = jobs.filter(({ status, cancelling }) => !isTerminalJobStatus(status) && !cancelling);
  const over = jobs.filter(({ status }) => isTerminalJobStatus(status));

  const run = async (targets: readonly Job[], action: (jobId: string) => Promise<unknown>) => {
    setBusy(true);
    const failures = await runForAll(targets, ({ job_id }) => action(job_id));
    setBusy(false);
    onDone(failures.map(({ target, error }) => `${target.name}: ${error.message}`));
  };
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-border bg-accent-soft px-4 py-2">
      <p role="status" className="tabular mr-auto text-sm font-medium">
        {isBusy ? 'Working…' : `${formatCountOf(jobs.length, 'job')} chosen`}
      </p>
      {going.length > 0 && (
        <Button disabled={isBusy} onClick={() => setAsked('cancel')}>
          Cancel {formatCountOf(going.length, 'job')}
        </Button>
      )}
      {over.length > 0 && (
        <Button disabled={isBusy} onClick={() => setAsked('delete')}>
          Delete {formatCountOf(over.length, 'job')}
        </Button>
      )}
      <Button look="quiet" onClick={onClear}>
        Choose none
      </Button>
      {asked === 'cancel' && (
        <ConfirmDialog
          title={`Cancel ${formatCountOf(going.length, 'job')}?`}
          action="Cancel what is left"
          onConfirm={() => void run(going, (jobId) => api.jobs.cancel(jobId))}
          onClose={() => setAsked(undefined)}
        >
          No further prompt is begun. Answers that are there are kept.
        </ConfirmDialog>
      )}
      {asked === 'delete' && (
        <ConfirmDialog
          title={`Delete ${formatCountOf(over.length, 'job')}?`}
          action="Delete for good"
          onConfirm={() => void run(over, (jobId) => api.jobs.remove(jobId))}
          onClose={() => setAsked(undefined)}
        >
          Their prompts, answers and figures are gone then.
        </ConfirmDialog>
      )}
    </div>
  );
}
