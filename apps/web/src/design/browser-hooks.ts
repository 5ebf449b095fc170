import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';

export function useMediaQuery(query: string): boolean {
  const subscribe = useCallback(
    (onChange: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', onChange);
      return () => list.removeEventListener('change', onChange);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

/** The current time in milliseconds, updated every second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

const ANIMATION_STEP_MS = 200;
const REDUCED_MOTION_STEP_MS = 2_000;

/** The current time for an animated chart: updated five times a second, or every two seconds under reduced motion. */
export function useAnimationTime(isRunning: boolean): number {
  const isReduced = useMediaQuery('(prefers-reduced-motion: reduce)');
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isRunning) return;
    const stepMs = isReduced ? REDUCED_MOTION_STEP_MS : ANIMATION_STEP_MS;
    const timer = setInterval(() => !document.hidden && setNow(Date.now()), stepMs);
    return () => clearInterval(timer);
  }, [isRunning, isReduced]);
  return now;
}

/** Sets the title of the browser tab. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Prodigon`;
  }, [title]);
}
