import type { AppError } from '@prodigon/contracts';
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../../../design/button.tsx';
import { classes } from '../../../design/classes.ts';
import { Notice } from '../../../design/notice.tsx';
import { Page } from '../../../design/page.tsx';
import { useNow } from '../../../design/use-now.ts';
import { useTitle } from '../../../design/use-title.ts';
import { FailureNotice } from '../failure-notice.tsx';
import { isOver, progressOf } from '../job-progress.ts';
import { JobStatusBadge } from '../status-badge.tsx';
import { LanesPanel } from './attempt-timeline-panel.tsx';
import { ConnectionNote } from './connection-note.tsx';
import { ItemsPanel } from './items-panel.tsx';
import { JobActions } from './job-actions.tsx';
import { JobAnnouncer } from './job-announcer.tsx';
import { OptionsPanel } from './options-panel.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { TimingPanel } from './timing-panel.tsx';
import { useJobWatch } from './use-job-watch.ts';

/** One job: how it goes, who works on it, and every prompt of it. */
export default function JobPage({ jobId }: { jobId: string }) {
  const { watch, state } = useJobWatch(jobId);
  const { job, connection, failure, receivedAt } = state;
  const now = useNow();
  const [refusal, setRefusal] = useState<AppError | null>(null);
  useTitle(job ? `${isOver(job) ? '' : `${progressOf(job).percent} % · `}${job.name}` : 'Job');

  if (failure?.code === 'JOB_NOT_FOUND') return <NoSuchJob />;
  if (!job) {
    return (
      <Page title="Job" above={<BackLink />}>
        {failure ? (
          <FailureNotice failure={failure} receivedAt={null} onRetry={watch.start} />
        ) : (
          <p className="text-text-2">Loading…</p>
        )}
      </Page>
    );
  }
  const isStale = connection === 'lost';
  return (
    <Page
      title={job.name}
      above={<BackLink />}
      lead={<JobStatusBadge job={job} />}
      actions={<JobActions job={job} watch={watch} onFailure={setRefusal} />}
    >
      <JobAnnouncer job={job} />
      <ConnectionNote connection={connection} failure={failure} receivedAt={receivedAt} now={now} />
      {refusal && (
        <Notice tone="bad" title="This could not be done" actions={<Button onClick={() => setRefusal(null)}>Dismiss</Button>}>
          {refusal.message}
        </Notice>
      )}
      {job.error && (
        <Notice tone="bad" title="The job ended without success">
          {job.error}
        </Notice>
      )}
      <div className={classes('flex flex-col gap-6', isStale && 'grayscale')}>
        <ProgressPanel job={job} samples={state.samples} now={now} />
        <div className="grid items-start gap-6 lg:grid-cols-2">
          <LanesPanel startedAt={job.started_at} completedAt={isOver(job) ? job.completed_at : null} lanes={watch.lanes} />
          <TimingPanel job={job} timings={state.timings} />
        </div>
      </div>
      <ItemsPanel total={job.total_prompts} watch={watch} isStale={isStale} />
      <OptionsPanel job={job} />
    </Page>
  );
}

function BackLink() {
  return (
    <Link href="/jobs" className="mb-1 inline-flex items-center gap-1.5 rounded-sm text-sm text-text-2 hover:text-text">
      <ArrowLeft aria-hidden size={14} /> Jobs
    </Link>
  );
}

function NoSuchJob() {
  return (
    <Page title="There is no such job" above={<BackLink />}>
      <p className="text-prose text-text-2">It may have been deleted, or it belongs to somebody else.</p>
    </Page>
  );
}
