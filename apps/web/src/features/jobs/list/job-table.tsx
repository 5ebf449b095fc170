import type { Job } from '@prodigon/contracts';
import { memo, useCallback, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useNow } from '../../../design/browser-hooks.ts';
import { formatCount, formatDuration, formatTimestamp } from '../../../design/format.ts';
import { jobProgress } from '../job-progress.ts';
import { JobStatusBadge, ProgressBar } from '../job-status.tsx';

export interface Selection {
  ids: ReadonlySet<string>;
  select: (id: string, isSelected: boolean) => void;
  replace: (ids: readonly string[]) => void;
}

/** The selected jobs. Jobs that are no longer shown are not selected. */
export function useSelection(shown: readonly string[]): Selection {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const select = useCallback((id: string, isSelected: boolean) => {
    setSelected((before) => {
      const next = new Set(before);
      if (isSelected) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  const replace = useCallback((ids: readonly string[]) => setSelected(new Set(ids)), []);
  return { ids: new Set(shown.filter((id) => selected.has(id))), select, replace };
}

interface JobTableProps {
  jobs: readonly Job[];
  selection: Selection;
}

export function JobTable({ jobs, selection }: JobTableProps) {
  const now = useNow();
  return (
    <table className="w-full table-fixed">
      <thead className="sticky-head text-left text-sm text-text-2">
        <tr>
          <th scope="col" className="w-13 py-1.5 pl-3 sm:w-14 sm:pl-4">
            <SelectAll jobs={jobs} selection={selection} />
          </th>
          <th scope="col" className="py-2 pr-4 pl-2 font-medium">
            Job
          </th>
          <th scope="col" className="w-[26%] py-2 pr-4 font-medium max-lg:hidden">
            Progress
          </th>
          <th scope="col" className="w-[20%] py-2 pr-4 font-medium max-lg:hidden">
            Model
          </th>
          <th scope="col" className="w-30 py-2 pr-5 text-right font-medium max-sm:hidden">
            Submitted
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-border">
        {jobs.map((job) => (
          <JobRow
            key={job.job_id}
            job={job}
            now={Math.floor(now / 10_000) * 10_000}
            isSelected={selection.ids.has(job.job_id)}
            onSelect={selection.select}
          />
        ))}
      </tbody>
    </table>
  );
}

function SelectAll({ jobs, selection }: JobTableProps) {
  const box = useRef<HTMLInputElement>(null);
  const selectedCount = jobs.filter(({ job_id }) => selection.ids.has(job_id)).length;
  const isAll = jobs.length > 0 && selectedCount === jobs.length;
  useEffect(() => {
    if (box.current) box.current.indeterminate = selectedCount > 0 && !isAll;
  }, [selectedCount, isAll]);
  return (
    <label className="target flex items-center justify-center">
      <input
        ref={box}
        type="checkbox"
        aria-label="Select all jobs on this page"
        checked={isAll}
        onChange={(event) => selection.replace(event.target.checked ? jobs.map(({ job_id }) => job_id) : [])}
        className="size-4 accent-accent-fill"
      />
    </label>
  );
}

interface JobRowProps {
  job: Job;
  now: number;
  isSelected: boolean;
  onSelect: (jobId: string, isSelected: boolean) => void;
}

export const JobRow = memo(function JobRow({ job, now, isSelected, onSelect }: JobRowProps) {
  return (
    <tr
      data-job={job.job_id}
      data-status={job.status}
      className="align-top transition-colors hover:bg-surface has-checked:bg-accent-soft"
    >
      <td className="py-2 pl-3 sm:pl-4">
        <label className="target flex items-center justify-center">
          <input
            type="checkbox"
            aria-label={`Select ${job.name}`}
            checked={isSelected}
            onChange={(event) => onSelect(job.job_id, event.target.checked)}
            className="size-4 accent-accent-fill"
          />
        </label>
      </td>
      <td className="max-w-0 py-3 pr-4 pl-2">
        <Link href={`/jobs/${job.job_id}`} className="block truncate font-medium underline-offset-3 hover:underline">
          {job.name}
        </Link>
        <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
          <JobStatusBadge job={job} />
          <span className="text-sm text-text-3 sm:hidden">{ageLabel(job, now)}</span>
        </div>
        <div className="mt-2 lg:hidden">
          <Progress job={job} />
        </div>
      </td>
      <td className="py-3.5 pr-4 max-lg:hidden">
        <Progress job={job} />
      </td>
      <td className="max-w-0 truncate py-3 pr-4 text-sm text-text-2 max-lg:hidden" title={job.model ?? undefined}>
        {job.model ?? 'default model'}
      </td>
      <td className="tabular py-3 pr-5 text-right text-sm whitespace-nowrap text-text-2 max-sm:hidden">
        <time dateTime={job.created_at} title={formatTimestamp(job.created_at)}>
          {ageLabel(job, now)}
        </time>
      </td>
    </tr>
  );
});

function Progress({ job }: { job: Job }) {
  const { count, percent, label } = jobProgress(job);
  return (
    <>
      <ProgressBar job={job} className="h-2" />
      <p className="tabular mt-1.5 flex flex-wrap justify-between gap-x-3 text-sm text-text-2">
        <span>
          {formatCount(count)} of {formatCount(job.total_prompts)} {label}
          {job.failed_prompts > 0 && <span className="text-bad"> · {formatCount(job.failed_prompts)} failed</span>}
        </span>
        <span>{percent} %</span>
      </p>
    </>
  );
}

/** The age of a job in its largest unit. Clocks of server and browser may differ, so it is never negative. */
function ageLabel({ created_at }: Job, now: number): string {
  const seconds = Math.max(0, now - Date.parse(created_at)) / 1_000;
  if (seconds < 10) return 'just now';
  return `${formatDuration(seconds).split(' ').slice(0, 2).join(' ')} ago`;
}
