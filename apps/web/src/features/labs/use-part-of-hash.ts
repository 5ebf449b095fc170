import { useEffect } from 'react';
import { useHash } from '../reader/use-hash.ts';

/** Scrolls to the part of the page that the fragment names and moves the focus there. */
export function usePartOfHash(): void {
  const hash = useHash();
  useEffect(() => {
    const part = hash === '' ? null : document.getElementById(hash);
    part?.scrollIntoView();
    part?.focus({ preventScroll: true });
  }, [hash]);
}
