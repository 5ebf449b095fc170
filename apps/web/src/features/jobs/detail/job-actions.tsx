import { AppError, type Job } from '@prodigon/contracts';
import { Copy, RotateCw, Square, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../../api/api.ts';
import { Button } from '../../../design/button.tsx';
import { ButtonLink } from '../../../design/button-link.tsx';
import { ConfirmDialog } from '../../../design/confirm-dialog.tsx';
import { formatCount } from '../../../design/format.ts';
import { isOver, withoutAnswer } from '../job-progress.ts';
import type { JobWatch } from './create-job-watch.ts';
import { DownloadLink } from './download-link.tsx';

interface JobActionsProps {
  job: Job;
  watch: JobWatch;
  onFailure: (failure: AppError | null) => void;
}

export function JobActions({ job, watch, onFailure }: JobActionsProps) {
  const { job_id: jobId } = job;
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<'cancel' | 'delete'>();
  const [isBusy, setBusy] = useState(false);
  const over = isOver(job);
  const unanswered = withoutAnswer(job);

  const run = async (action: () => Promise<void>) => {
    setBusy(true);
    onFailure(null);
    try {
      await action();
    } catch (thrown) {
      onFailure(AppError.from(thrown));
    }
    setBusy(false);
  };
  const cancel = () => run(async () => watch.accept(await api.jobs.cancel(jobId)));
  const retry = () =>
    run(async () => {
      watch.accept(await api.jobs.retry(jobId));
      watch.start();
    });
  const remove = () =>
    run(async () => {
      await api.jobs.remove(jobId);
      navigate('/jobs');
    });

  return (
    <>
      {!over && (
        <Button disabled={isBusy || job.cancelling} onClick={() => setAsked('cancel')}>
          <Square aria-hidden size={14} /> {job.cancelling ? 'Cancelling…' : 'Cancel'}
        </Button>
      )}
      {over && unanswered > 0 && (
        <Button look="primary" disabled={isBusy} onClick={() => void retry()}>
          <RotateCw aria-hidden size={16} /> Retry {formatCount(unanswered)} without an answer
        </Button>
      )}
      {job.completed_prompts > 0 && (
        <DownloadLink jobId={jobId} outcome="succeeded" onFailure={onFailure}>
          Results
        </DownloadLink>
      )}
      {(job.failed_prompts > 0 || job.cancelled_prompts > 0) && (
        <DownloadLink jobId={jobId} outcome="failed" onFailure={onFailure}>
          Errors
        </DownloadLink>
      )}
      <ButtonLink href={`/jobs/new?clone=${jobId}`}>
        <Copy aria-hidden size={16} /> Clone
      </ButtonLink>
      {over && (
        <Button disabled={isBusy} onClick={() => setAsked('delete')}>
          <Trash2 aria-hidden size={16} /> Delete
        </Button>
      )}
      {asked === 'cancel' && (
        <ConfirmDialog
          title="Cancel this job?"
          action="Cancel what is left"
          onConfirm={() => void cancel()}
          onClose={() => setAsked(undefined)}
        >
          No further prompt is begun. {formatCount(unanswered)} have no answer yet; what is answered is kept, and the rest can be
          retried later.
        </ConfirmDialog>
      )}
      {asked === 'delete' && (
        <ConfirmDialog
          title="Delete this job?"
          action="Delete for good"
          onConfirm={() => void remove()}
          onClose={() => setAsked(undefined)}
        >
          Its prompts, answers and figures are gone then.
        </ConfirmDialog>
      )}
    </>
  );
}
