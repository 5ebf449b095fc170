import type { AppError, Job } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { ArrowLeft, WifiOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useNow, usePageTitle } from '../../../design/browser-hooks.ts';
import { Button } from '../../../design/button.tsx';
import { formatCount, formatDuration, formatTimestamp } from '../../../design/format.ts';
import { Notice, StaleNotice } from '../../../design/notice.tsx';
import { Page, Panel } from '../../../design/page.tsx';
import { MODEL_DEFAULT } from '../../models/model-labels.ts';
import { isFinished, jobProgress, jobStatusLabel } from '../job-progress.ts';
import { JobStatusBadge } from '../job-status.tsx';
import { AttemptTimelinePanel } from './attempt-timeline-panel.tsx';
import type { WatchState } from './create-job-watch.ts';
import { ItemsPanel } from './items-panel.tsx';
import { JobActions } from './job-actions.tsx';
import { jobModelLabel } from './job-metrics.ts';
import { JobTabs, useJobTab } from './job-tabs.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { TimingPanel } from './timing-panel.tsx';
import { useJobWatch } from './use-job-watch.ts';

/** One job with live progress and, in tabs, its prompts, its workers and its options. */
export default function JobPage({ jobId }: { jobId: string }) {
  const { watch, state } = useJobWatch(jobId);
  const { job, connection, failure, receivedAt } = state;
  const now = useNow();
  const tab = useJobTab();
  const [actionFailure, setActionFailure] = useState<AppError | null>(null);
  usePageTitle(job ? `${isFinished(job) ? '' : `${jobProgress(job).percent} % · `}${job.name}` : 'Job');

  if (failure?.code === 'JOB_NOT_FOUND') return <JobNotFound />;
  if (!job) {
    return (
      <Page title="Job" above={<BackLink />}>
        {failure ? (
          <StaleNotice title="Could not load the job" failure={failure} receivedAt={null} onRetry={watch.start} />
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
      actions={<JobActions job={job} watch={watch} onFailure={setActionFailure} />}
    >
      <JobAnnouncer job={job} />
      <ConnectionNotice connection={connection} failure={failure} receivedAt={receivedAt} now={now} />
      {actionFailure && (
        <Notice severity="bad" title="Action failed" actions={<Button onClick={() => setActionFailure(null)}>Dismiss</Button>}>
          {actionFailure.message}
        </Notice>
      )}
      {job.error && (
        <Notice severity="bad" title="Job failed">
          {job.error}
        </Notice>
      )}
      <div className={clsx(isStale && 'grayscale')}>
        <ProgressPanel job={job} samples={state.samples} now={now} />
      </div>
      <div className="flex flex-col gap-6 [--sticky-top:3rem]">
        <JobTabs job={job} />
        {tab === 'prompts' && <ItemsPanel total={job.total_prompts} watch={watch} isStale={isStale} />}
        {tab === 'timeline' && (
          <div className={clsx('grid items-start gap-6 lg:grid-cols-2', isStale && 'grayscale')}>
            <AttemptTimelinePanel
              startedAt={job.started_at}
              completedAt={isFinished(job) ? job.completed_at : null}
              timeline={watch.timeline}
              running={state.running}
              isHistoryLoaded={state.isHistoryLoaded}
            />
            <TimingPanel job={job} timings={state.timings} isLoaded={state.isHistoryLoaded} />
          </div>
        )}
        {tab === 'options' && <OptionsPanel job={job} models={state.timings?.models ?? []} />}
      </div>
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

function JobNotFound() {
  return (
    <Page title="Job not found" above={<BackLink />}>
      <p className="text-prose text-text-2">It may have been deleted, or it belongs to another owner.</p>
    </Page>
  );
}

interface ConnectionNoticeProps {
  connection: WatchState['connection'];
  failure: AppError | null;
  receivedAt: number | null;
  now: number;
}

/** Shows that live updates are interrupted. The page keeps showing the latest data. */
function ConnectionNotice({ connection, failure, receivedAt, now }: ConnectionNoticeProps) {
  return (
    <div role="status" className={connection === 'lost' ? undefined : 'sr-only'}>
      {connection === 'lost' && (
        <p className="tabular flex items-center gap-2 rounded-md border border-border bg-surface px-4 py-2.5 text-sm text-warn">
          <WifiOff aria-hidden size={16} className="shrink-0" />
          <span>
            {failure ? failure.message : 'Live updates are interrupted.'} Reconnecting…
            {receivedAt !== null && (
              <span aria-hidden="true"> Last updated {formatDuration(Math.max(0, now - receivedAt) / 1_000)} ago.</span>
            )}
          </span>
        </p>
      )}
    </div>
  );
}

const ANNOUNCEMENT_INTERVAL_MS = 15_000;

/** Announces the progress to screen readers: immediately when the status changes, and every 15 seconds. */
function JobAnnouncer({ job }: { job: Job }) {
  const { count, label } = jobProgress(job);
  const status = jobStatusLabel(job);
  const failed = job.failed_prompts > 0 ? `, ${formatCount(job.failed_prompts)} failed` : '';
  const text = `Job ${status.toLowerCase()}: ${formatCount(count)} of ${formatCount(job.total_prompts)} prompts ${label}${failed}.`;
  const latest = useRef(text);
  latest.current = text;
  const [announced, setAnnounced] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed status restarts the announcements.
  useEffect(() => {
    const announce = () => setAnnounced(latest.current);
    const first = setTimeout(announce, 0);
    const timer = setInterval(announce, ANNOUNCEMENT_INTERVAL_MS);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [status]);
  return (
    <p role="status" className="sr-only">
      {announced}
    </p>
  );
}

interface OptionsPanelProps {
  job: Job;
  /** The models that responded. */
  models: readonly string[];
}

function OptionsPanel({ job, models }: OptionsPanelProps) {
  const options = [
    ['Model', jobModelLabel(job.model, models)],
    ['Max tokens', job.max_tokens === null ? MODEL_DEFAULT : formatCount(job.max_tokens)],
    ['Temperature', job.temperature === null ? MODEL_DEFAULT : String(job.temperature)],
    ['Priority', String(job.priority)],
    ['Expires', formatTimestamp(job.expires_at)],
    ['Job ID', job.job_id],
  ] as const;
  return (
    <Panel title="Options">
      <dl className="tabular grid gap-x-6 gap-y-4 p-5 sm:grid-cols-2 lg:grid-cols-3">
        {options.map(([label, value]) => (
          <div key={label} className="min-w-0">
            <dt className="text-sm text-text-3">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
        {job.system_prompt && (
          <div className="sm:col-span-2 lg:col-span-3">
            <dt className="text-sm text-text-3">System prompt</dt>
            <dd dir="auto" className="max-h-60 overflow-y-auto whitespace-pre-wrap wrap-anywhere">
              {job.system_prompt}
            </dd>
          </div>
        )}
      </dl>
    </Panel>
  );
}
