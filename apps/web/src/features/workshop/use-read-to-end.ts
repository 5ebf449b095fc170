import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';

/**
 * Calls `onRead` once when the learner scrolls to the element of the returned ref. An end that is visible from the start says
 * nothing: the learner may only have opened the page.
 */
export function useReadToEnd(onRead: () => void): RefObject<HTMLDivElement | null> {
  const end = useRef<HTMLDivElement>(null);
  const report = useEffectEvent(onRead);
  useEffect(() => {
    if (!end.current) return;
    let wasHidden = false;
    const observer = new IntersectionObserver((entries) => {
      const isVisible = entries.at(-1)?.isIntersecting ?? false;
      if (isVisible && wasHidden) {
        observer.disconnect();
        report();
      }
      wasHidden ||= !isVisible;
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  return end;
}
