import { useLocation, useSearch } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';

interface PageTrail {
  /** The cursors of the pages before this one, '' for the first. */
  trail?: string[];
}

export interface Parameters {
  values: URLSearchParams;
  /** Changes some parameters, null removing one, and goes to the first page of what they describe. */
  set: (changes: Record<string, string | null>) => void;
  /** Changes some parameters and stays on the page. */
  put: (changes: Record<string, string | null>) => void;
  /** Where the page before this one is; null on the first. */
  toPrevious: (() => void) | null;
  toNext: (cursor: string) => void;
}

/**
 * The parameters of the URL, with pages by cursor: the URL holds where this page begins, and the entry of
 * the history where those before it began, so that both survive a reload. `open` is what is unfolded on a page.
 */
export function useParameters(): Parameters {
  const search = useSearch();
  const [location, navigate] = useLocation();
  const trail = useHistoryState<PageTrail | null>()?.trail ?? [];
  const values = new URLSearchParams(search);
  const after = values.get('after');

  const go = (changes: Record<string, string | null>, options?: { replace?: boolean; state?: PageTrail }) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    const query = next.toString();
    navigate(query ? `${location}?${query}` : location, options);
  };
  return {
    values,
    set: (changes) => go({ ...changes, after: null, open: null }, { replace: true }),
    put: (changes) => go(changes, { replace: true, state: { trail } }),
    toPrevious:
      after === null ? null : () => go({ after: trail.at(-1) || null, open: null }, { state: { trail: trail.slice(0, -1) } }),
    toNext: (cursor) => go({ after: cursor, open: null }, { state: { trail: [...trail, after ?? ''] } }),
  };
}
