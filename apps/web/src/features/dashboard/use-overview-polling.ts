import { useEffect } from 'react';
import { useAccess } from '../../api/access-store.ts';
import { useOverview } from './overview-store.ts';

/** While somebody looks at the dashboard, and otherwise. */
const WATCHED_EVERY_MS = 2_000;
const EVERY_MS = 5_000;

/** Probes again and again while the page is visible, and at once when it becomes so or the network returns. */
export function useOverviewPolling(isWatched: boolean): void {
  const intervalMs = isWatched ? WATCHED_EVERY_MS : EVERY_MS;
  const attempt = useAccess((state) => state.attempt);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new API key is a reason to ask again.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsking = false;
    let isOver = false;

    const ask = async () => {
      clearTimeout(timer);
      if (isOver || isAsking || document.hidden) return;
      isAsking = true;
      await useOverview.getState().probe();
      isAsking = false;
      if (!isOver) timer = setTimeout(ask, intervalMs);
    };
    const askNow = () => void ask();
    askNow();
    document.addEventListener('visibilitychange', askNow);
    addEventListener('online', askNow);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', askNow);
      removeEventListener('online', askNow);
    };
  }, [intervalMs, attempt]);
}
