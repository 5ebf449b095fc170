import { type RefObject, useEffect } from 'react';
import { hasScrollPosition } from '../../design/use-scroll-restoration.ts';
import { useHash } from './use-hash.ts';

/** Scrolls to the heading that the fragment names, highlights it and moves the focus there. */
export function useHashTarget(article: RefObject<HTMLElement | null>): void {
  const hash = useHash();
  useEffect(() => {
    if (!hash || hasScrollPosition()) return;
    const heading = article.current?.querySelector<HTMLElement>(`#${CSS.escape(hash)}`);
    if (!heading) return;
    heading.scrollIntoView();
    heading.focus({ preventScroll: true });
    heading.classList.add('highlighted');
    return () => heading.classList.remove('highlighted');
  }, [hash, article]);
}
