import type { Job } from '@prodigon/contracts';
import { memo } from 'react';
import { Link } from 'wouter';
import { formatCount, formatDuration, formatMoment } from '../../../design/format.ts';
import { progressOf } from '../job-progress.ts';
import { ProgressBar } from '../progress-bar.tsx';
import { JobStatusBadge } from '../status-badge.tsx';

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
          <span className="text-sm text-text-3 sm:hidden">{ageOf(job, now)}</span>
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
        <time dateTime={job.created_at} title={formatMoment(job.created_at)}>
          {ageOf(job, now)}
        </time>
      </td>
    </tr>
  );
});

function Progress({ job }: { job: Job }) {
  const { count, percent, words } = progressOf(job);
  return (
    <>
      <ProgressBar job={job} className="h-2" />
      <p className="tabular mt-1.5 flex flex-wrap justify-between gap-x-3 text-sm text-text-2">
        <span>
          {formatCount(count)} of {formatCount(job.total_prompts)} {words}
          {job.failed_prompts > 0 && <span className="text-bad"> · {formatCount(job.failed_prompts)} failed</span>}
        </span>
        <span>{percent} %</span>
      </p>
    </>
  );
}

/** The clocks of the server and of this machine may differ a little: nothing is from the future. */
function ageOf({ created_at }: Job, now: number): string {
  const seconds = Math.max(0, now - Date.parse(created_at)) / 1_000;
  if (seconds < 10) return 'just now';
  // The larger unit alone: a list need not tick.
  return `${/^\S+ \S+/.exec(formatDuration(seconds))?.[0]} ago`;
}
