import { type RefObject, useEffect } from 'react';
import { useLocationProperty } from 'wouter/use-browser-location';

/** The anchor of the address bar, decoded; empty when there is none. */
export function useHash(): string {
  const hash = useLocationProperty(() => location.hash.slice(1));
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}

/** Brings the heading that the address names into view, marks it for a moment and gives it the focus. */
export function useHashTarget(article: RefObject<HTMLElement | null>): void {
  const hash = useHash();
  useEffect(() => {
    if (!hash) return;
    const heading = article.current?.querySelector<HTMLElement>(`#${CSS.escape(hash)}`);
    if (!heading) return;
    heading.scrollIntoView();
    heading.focus({ preventScroll: true });
    heading.classList.add('marked');
    return () => heading.classList.remove('marked');
  }, [hash, article]);
}
