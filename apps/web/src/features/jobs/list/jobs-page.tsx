import type { JobList } from '@prodigon/contracts';
import { Plus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { api } from '../../../api/api.ts';
import { usePolled } from '../../../api/use-polled.ts';
import { Button } from '../../../design/button.tsx';
import { ButtonLink } from '../../../design/button-link.tsx';
import { classes } from '../../../design/classes.ts';
import { formatCountOf } from '../../../design/format.ts';
import { Notice } from '../../../design/notice.tsx';
import { Page } from '../../../design/page.tsx';
import { useTitle } from '../../../design/use-title.ts';
import { FailureNotice } from '../failure-notice.tsx';
import { isOver } from '../job-progress.ts';
import { Pager } from '../pager.tsx';
import { useParameters } from '../use-parameters.ts';
import { BulkBar } from './bulk-bar.tsx';
import { listQueryOf } from './job-list-query.ts';
import { JobTable } from './job-table.tsx';
import { ListFilters } from './list-filters.tsx';
import { NoJobs } from './no-jobs.tsx';
import { useSelection } from './use-selection.ts';

const RUNNING_EVERY_MS = 2_000;
const IDLE_EVERY_MS = 10_000;

/** Often while something moves, or while nobody knows whether it does. */
function nextInMs(list: JobList | null): number {
  return list?.jobs.every(isOver) ? IDLE_EVERY_MS : RUNNING_EVERY_MS;
}

export default function JobsPage() {
  useTitle('Jobs');
  const parameters = useParameters();
  const query = JSON.stringify(listQueryOf(parameters.values));
  const load = useCallback((signal: AbortSignal) => api.jobs.list(JSON.parse(query), signal), [query]);
  const { value, receivedAt, isOutdated, failure, reload } = usePolled(load, nextInMs);
  const [bulkFailures, setBulkFailures] = useState<string[]>([]);
  const jobs = value?.jobs ?? [];
  const selection = useSelection(jobs.map(({ job_id }) => job_id));
  const isFiltered = parameters.values.has('q') || parameters.values.has('status');
  const isEmpty = value !== null && !isOutdated && jobs.length === 0;
  const isInviting = isEmpty && !isFiltered && parameters.toPrevious === null;

  return (
    <Page
      title="Jobs"
      lead="Batches of prompts, answered in the background."
      actions={
        <ButtonLink href="/jobs/new" look="primary">
          <Plus aria-hidden size={16} /> New job
        </ButtonLink>
      }
    >
      {failure && <FailureNotice failure={failure} receivedAt={receivedAt} onRetry={reload} />}
      {bulkFailures.length > 0 && (
        <Notice
          tone="bad"
          title="Not all of it could be done"
          actions={<Button onClick={() => setBulkFailures([])}>Dismiss</Button>}
        >
          {bulkFailures.join(' ')}
        </Notice>
      )}
      {isInviting && <NoJobs />}
      {!isInviting && <ListFilters parameters={parameters} />}
      {value === null && !failure && <p className="text-text-2">Loading…</p>}
      {value !== null && !isInviting && (
        <section
          aria-label="Jobs"
          aria-busy={isOutdated}
          className={classes('rounded-md border border-border', (failure || isOutdated) && 'grayscale')}
        >
          {selection.ids.size > 0 && (
            <BulkBar
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
              <p>{isFiltered ? 'No job fits this search.' : 'There are no more jobs.'}</p>
              {isFiltered && (
                <Button className="mt-3" onClick={() => parameters.set({ q: null, status: null })}>
                  Show all jobs
                </Button>
              )}
            </div>
          )}
          <Pager
            label="Pages of jobs"
            words={`${formatCountOf(jobs.length, 'job')} on this page, newest first`}
            toPrevious={parameters.toPrevious}
            toNext={value.next_after === null ? null : () => parameters.toNext(value.next_after as string)}
          />
        </section>
      )}
    </Page>
  );
}
