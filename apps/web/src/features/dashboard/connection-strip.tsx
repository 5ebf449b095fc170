import { WifiOff } from 'lucide-react';
import { isConnectionLost } from './overview-state.ts';
import { useOverview } from './overview-store.ts';

/** One line over every page when the gateway has gone; one failure or a short wait says nothing. */
export function ConnectionStrip() {
  const words = useOverview((state) => {
    if (isConnectionLost(state)) return 'The gateway cannot be reached. Trying again every few seconds.';
    return state.isSlow ? 'The gateway is slow to answer.' : null;
  });
  if (!words) return null;
  return (
    <p className="flex items-center justify-center gap-2 border-b border-border bg-surface-2 px-4 py-1.5 text-sm text-warn">
      <WifiOff aria-hidden size={16} /> {words}
    </p>
  );
}
