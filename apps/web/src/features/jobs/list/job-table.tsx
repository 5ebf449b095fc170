import type { Job } from '@prodigon/contracts';
import { useEffect, useRef } from 'react';
import { useNow } from '../../../design/use-now.ts';
import { JobRow } from './job-row.tsx';
import type { Selection } from './use-selection.ts';

interface JobTableProps {
  jobs: readonly Job[];
  selection: Selection;
}

export function JobTable({ jobs, selection }: JobTableProps) {
  const now = useNow();
  return (
    <table className="w-full table-fixed">
      <thead className="border-b border-border text-left text-sm text-text-2">
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
  const chosen = jobs.filter(({ job_id }) => selection.ids.has(job_id)).length;
  const isAll = jobs.length > 0 && chosen === jobs.length;
  useEffect(() => {
    if (box.current) box.current.indeterminate = chosen > 0 && !isAll;
  }, [chosen, isAll]);
  return (
    <label className="target flex items-center justify-center">
      <input
        ref={box}
        type="checkbox"
        aria-label="Select all jobs of this page"
        checked={isAll}
        onChange={(event) => selection.replace(event.target.checked ? jobs.map(({ job_id }) => job_id) : [])}
        className="size-4 accent-accent-fill"
      />
    </label>
  );
}
