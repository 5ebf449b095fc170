import { useEffect } from 'react';

/** What the browser's tab is called while this page is open. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Prodigon`;
  }, [title]);
}
