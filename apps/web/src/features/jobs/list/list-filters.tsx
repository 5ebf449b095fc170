import { JOB_STATUSES } from '@prodigon/contracts';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { JOB_STATUS_WORDS } from '../job-words.ts';
import type { Parameters } from '../use-parameters.ts';

/** After the last key, before the server is asked. */
const SETTLE_MS = 250;

export function ListFilters({ parameters }: { parameters: Parameters }) {
  const inUrl = parameters.values.get('q') ?? '';
  const [text, setText] = useState(inUrl);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Back and forward change the URL without a key being pressed here.
  useEffect(() => setText(inUrl), [inUrl]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const search = (q: string) => {
    setText(q);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => parameters.set({ q: q.trim() || null }), SETTLE_MS);
  };
  return (
    <search className="flex flex-wrap gap-3">
      <div className="relative min-w-40 flex-1 sm:max-w-80">
        <Search aria-hidden size={16} className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-text-3" />
        <input
          type="search"
          aria-label="Search jobs"
          placeholder="Name or job id"
          maxLength={200}
          value={text}
          onChange={(event) => search(event.target.value)}
          className="field pl-9"
        />
      </div>
      <select
        aria-label="Status"
        value={parameters.values.get('status') ?? ''}
        onChange={(event) => parameters.set({ status: event.target.value || null })}
        className="field w-auto"
      >
        <option value="">All statuses</option>
        {JOB_STATUSES.map((status) => (
          <option key={status} value={status}>
            {JOB_STATUS_WORDS[status]}
          </option>
        ))}
      </select>
    </search>
  );
}
