import { JOB_STATUS_LABELS, JOB_STATUSES, type JobList } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { Plus, Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../../api/api.ts';
import { usePolledQuery } from '../../../api/query-client.ts';
import { usePageTitle } from '../../../design/browser-hooks.ts';
import { Button, ButtonLink } from '../../../design/button.tsx';
import { formatCountOf } from '../../../design/format.ts';
import { Notice, StaleNotice } from '../../../design/notice.tsx';
import { Page } from '../../../design/page.tsx';
import { isFinished } from '../job-progress.ts';
import { Pagination, type UrlParameters, useUrlParameters } from '../pagination.tsx';
import { BulkActions } from './bulk-actions.tsx';
import { EmptyJobList } from './empty-job-list.tsx';
import { jobListQuery } from './job-list-query.ts';
import { JobTable, useSelection } from './job-table.tsx';
import { useJobChanges } from './use-job-changes.ts';

const RUNNING_INTERVAL_MS = 2_000;
const IDLE_INTERVAL_MS = 10_000;

/** Polls while the gateway does not announce changes: often while a job is running or the list is unknown. */
function pollIntervalMs(list: JobList | null): number {
  return list?.jobs.every(isFinished) ? IDLE_INTERVAL_MS : RUNNING_INTERVAL_MS;
}

export default function JobsPage() {
  usePageTitle('Jobs');
  const parameters = useUrlParameters();
  const query = jobListQuery(parameters.values);
  const isAnnounced = useJobChanges();
  const { value, receivedAt, isOutdated, failure, reload } = usePolledQuery(
    ['jobs', query],
    (signal) => api.jobs.list(query, signal),
    isAnnounced ? () => false : pollIntervalMs,
  );
  const [bulkFailures, setBulkFailures] = useState<string[]>([]);
  const jobs = value?.jobs ?? [];
  const selection = useSelection(jobs.map(({ job_id }) => job_id));
  const isFiltered = parameters.values.has('q') || parameters.values.has('status');
  const isEmpty = value !== null && !isOutdated && jobs.length === 0;
  const hasNoJobs = isEmpty && !isFiltered && parameters.goToPrevious === null;

  return (
    <Page
      title="Jobs"
      lead="Batches of prompts that run in the background"
      actions={
        <ButtonLink href="/jobs/new" variant="primary">
          <Plus aria-hidden size={16} /> New job
        </ButtonLink>
      }
    >
      {failure && <StaleNotice title="Could not load jobs" failure={failure} receivedAt={receivedAt} onRetry={reload} />}
      {bulkFailures.length > 0 && (
        <Notice
          severity="bad"
          title="Some jobs were not changed"
          actions={<Button onClick={() => setBulkFailures([])}>Dismiss</Button>}
        >
          {bulkFailures.join(' ')}
        </Notice>
      )}
      {hasNoJobs && <EmptyJobList />}
      {!hasNoJobs && <JobFilters parameters={parameters} />}
      {value === null && !failure && <p className="text-text-2">Loading…</p>}
      {value !== null && !hasNoJobs && (
        <section
          aria-label="Jobs"
          aria-busy={isOutdated}
          className={clsx('rounded-md border border-border', (failure || isOutdated) && 'grayscale')}
        >
          {selection.ids.size > 0 && (
            <BulkActions
              jobs={jobs.filter(({ job_id }) => selection.ids.has(job_id))}
              onClear={() => selection.replace([])}
              onDone={(failures) => {
                setBulkFailures(failures);
                selection.replace([]);
                reload();
              }}
            />
          )}
          {jobs.length > 0 ? (
            <JobTable jobs={jobs} selection={selection} />
          ) : (
            <div className="px-5 py-10 text-center text-text-2">
              <p>{isFiltered ? 'No matching jobs' : 'No more jobs'}</p>
              {isFiltered && (
                <Button className="mt-3" onClick={() => parameters.setFilter({ q: null, status: null })}>
                  Clear filters
                </Button>
              )}
            </div>
          )}
          <Pagination
            label="Job pagination"
            summary={`${formatCountOf(jobs.length, 'job')} on this page, newest first`}
            goToPrevious={parameters.goToPrevious}
            goToNext={value.next_after === null ? null : () => parameters.goToNext(value.next_after as string)}
          />
        </section>
      )}
    </Page>
  );
}

/** Delay between the last keystroke and the search. */
const SEARCH_DELAY_MS = 250;

function JobFilters({ parameters }: { parameters: UrlParameters }) {
  const queryInUrl = parameters.values.get('q') ?? '';
  const [text, setText] = useState(queryInUrl);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The back and forward buttons change the URL, too.
  useEffect(() => setText(queryInUrl), [queryInUrl]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const search = (q: string) => {
    setText(q);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => parameters.setFilter({ q: q.trim() || null }), SEARCH_DELAY_MS);
  };
  return (
    <search className="flex flex-wrap gap-3">
      <div className="relative min-w-40 flex-1 sm:max-w-80">
        <Search aria-hidden size={16} className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-text-3" />
        <input
          type="search"
          aria-label="Search jobs"
          placeholder="Name or job ID"
          maxLength={200}
          value={text}
          onChange={(event) => search(event.target.value)}
          className="field pl-9"
        />
      </div>
      <select
        aria-label="Status"
        value={parameters.values.get('status') ?? ''}
        onChange={(event) => parameters.setFilter({ status: event.target.value || null })}
        className="field w-auto"
      >
        <option value="">All statuses</option>
        {JOB_STATUSES.map((status) => (
          <option key={status} value={status}>
            {JOB_STATUS_LABELS[status]}
          </option>
        ))}
      </select>
    </search>
  );
}
