import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useLocation, useSearch } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { Button } from '../../design/button.tsx';

interface PaginationProps {
  label: string;
  /** Description of the page, such as "Prompts 51 to 100 of 2,000". */
  summary: string;
  /** Null on the first page. */
  goToPrevious: (() => void) | null;
  /** Null on the last page. */
  goToNext: (() => void) | null;
}

export function Pagination({ label, summary, goToPrevious, goToNext }: PaginationProps) {
  return (
    <nav aria-label={label} className="flex flex-wrap items-center justify-between gap-3 border-t border-border px-5 py-3">
      <p className="tabular text-sm text-text-2">{summary}</p>
      <div className="flex gap-2">
        <Button aria-disabled={!goToPrevious} onClick={() => goToPrevious?.()} className="aria-disabled:opacity-50">
          <ChevronLeft aria-hidden size={16} /> Previous
        </Button>
        <Button aria-disabled={!goToNext} onClick={() => goToNext?.()} className="aria-disabled:opacity-50">
          Next <ChevronRight aria-hidden size={16} />
        </Button>
      </div>
    </nav>
  );
}

interface HistoryState {
  /** The cursors of the previous pages; '' for the first page. */
  previousCursors?: string[];
}

export interface UrlParameters {
  values: URLSearchParams;
  /** Changes parameters and returns to the first page. Null removes a parameter. */
  setFilter: (changes: Record<string, string | null>) => void;
  /** Changes parameters and stays on the page. Null removes a parameter. */
  setOnPage: (changes: Record<string, string | null>) => void;
  /** Null on the first page. */
  goToPrevious: (() => void) | null;
  goToNext: (cursor: string) => void;
}

/**
 * The parameters of the URL with cursor pagination. The URL holds the cursor of the page, and the history
 * entry those of the previous pages, so that both survive a reload. `open` is the expanded row of a page.
 */
export function useUrlParameters(): UrlParameters {
  const search = useSearch();
  const [location, navigate] = useLocation();
  const previousCursors = useHistoryState<HistoryState | null>()?.previousCursors ?? [];
  const values = new URLSearchParams(search);
  const after = values.get('after');

  const go = (changes: Record<string, string | null>, options?: { replace?: boolean; state?: HistoryState }) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    const query = next.toString();
    navigate(query ? `${location}?${query}` : location, options);
  };
  const goToPrevious = () =>
    go({ after: previousCursors.at(-1) || null, open: null }, { state: { previousCursors: previousCursors.slice(0, -1) } });
  return {
    values,
    setFilter: (changes) => go({ ...changes, after: null, open: null }, { replace: true }),
    setOnPage: (changes) => go(changes, { replace: true, state: { previousCursors } }),
    goToPrevious: after === null ? null : goToPrevious,
    goToNext: (cursor) => go({ after: cursor, open: null }, { state: { previousCursors: [...previousCursors, after ?? ''] } }),
  };
}
