import { AppError, type Job, type JobResultsQuery } from '@prodigon/contracts';
import { Copy, Download, RotateCw, Square, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { api, storedApiKey } from '../../../api/api.ts';
import { Button, ButtonLink, buttonClassNames } from '../../../design/button.tsx';
import { ConfirmDialog } from '../../../design/dialog.tsx';
import { formatCountOf } from '../../../design/format.ts';
import { incompleteCount, isFinished } from '../job-progress.ts';
import type { JobWatch } from './create-job-watch.ts';

interface JobActionsProps {
  job: Job;
  watch: JobWatch;
  /** Called with null when an action starts. */
  onFailure: (failure: AppError | null) => void;
}

export function JobActions({ job, watch, onFailure }: JobActionsProps) {
  const { job_id: jobId } = job;
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<'cancel' | 'delete'>();
  const [isBusy, setBusy] = useState(false);
  const isOver = isFinished(job);
  const incomplete = incompleteCount(job);

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
  const cancel = () => run(async () => watch.setJob(await api.jobs.cancel(jobId)));
  const retry = () =>
    run(async () => {
      watch.setJob(await api.jobs.retry(jobId));
      watch.start();
    });
  const remove = () =>
    run(async () => {
      await api.jobs.remove(jobId);
      navigate('/jobs');
    });

  return (
    <>
      {!isOver && (
        <Button disabled={isBusy || job.cancelling} onClick={() => setDialog('cancel')}>
          <Square aria-hidden size={14} /> {job.cancelling ? 'Cancelling…' : 'Cancel'}
        </Button>
      )}
      {isOver && incomplete > 0 && (
        <Button variant="primary" disabled={isBusy} onClick={() => void retry()}>
          <RotateCw aria-hidden size={16} /> Retry {formatCountOf(incomplete, 'prompt')}
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
      {isOver && (
        <Button disabled={isBusy} onClick={() => setDialog('delete')}>
          <Trash2 aria-hidden size={16} /> Delete
        </Button>
      )}
      {dialog === 'cancel' && (
        <ConfirmDialog
          title="Cancel this job?"
          action="Cancel job"
          onConfirm={() => void cancel()}
          onClose={() => setDialog(undefined)}
        >
          {formatCountOf(incomplete, 'prompt')} without a response will not run. Existing responses are kept, and you can retry
          the rest later.
        </ConfirmDialog>
      )}
      {dialog === 'delete' && (
        <ConfirmDialog
          title="Delete this job?"
          action="Delete job"
          onConfirm={() => void remove()}
          onClose={() => setDialog(undefined)}
        >
          This permanently deletes its prompts, responses and statistics.
        </ConfirmDialog>
      )}
    </>
  );
}

type Outcome = JobResultsQuery['outcome'];

interface DownloadLinkProps {
  jobId: string;
  outcome: Outcome;
  onFailure: (failure: AppError) => void;
  children: ReactNode;
}

/** A link to the results file. With an API key, which a link cannot send, it fetches the file instead. */
function DownloadLink({ jobId, outcome, onFailure, children }: DownloadLinkProps) {
  const fileName = `${jobId}-${outcome === 'failed' ? 'errors' : 'results'}.jsonl`;
  return (
    <a
      href={`/api/v1/jobs/${jobId}/results.jsonl?outcome=${outcome}`}
      download={fileName}
      onClick={(event) => {
        if (storedApiKey() === undefined) return;
        event.preventDefault();
        saveResults(jobId, outcome, fileName).catch((thrown) => onFailure(AppError.from(thrown)));
      }}
      className={buttonClassNames('secondary')}
    >
      <Download aria-hidden size={16} /> {children}
    </a>
  );
}

async function saveResults(jobId: string, outcome: Outcome, fileName: string): Promise<void> {
  const parts: BlobPart[] = [];
  for await (const part of api.jobs.results(jobId, outcome)) parts.push(new Uint8Array(part));
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/jsonl' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
