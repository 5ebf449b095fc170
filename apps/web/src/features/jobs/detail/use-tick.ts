import { useEffect, useState } from 'react';
import { useMediaQuery } from '../../../design/use-media-query.ts';

const SMOOTH_MS = 200;
const CALM_MS = 2_000;

/** The time, renewed as often as a moving picture needs, or rarely for those who asked for little motion. */
export function useTick(isMoving: boolean): number {
  const isCalm = useMediaQuery('(prefers-reduced-motion: reduce)');
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isMoving) return;
    const timer = setInterval(() => !document.hidden && setNow(Date.now()), isCalm ? CALM_MS : SMOOTH_MS);
    return () => clearInterval(timer);
  }, [isMoving, isCalm]);
  return now;
}
