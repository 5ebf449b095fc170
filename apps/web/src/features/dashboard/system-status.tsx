import { WifiOff } from 'lucide-react';
import { Link } from 'wouter';
import { StatusIcon } from '../../design/icons.tsx';
import { isConnectionLost, systemStatus } from './overview-state.ts';
import { useOverview, useOverviewUpdates } from './overview-store.ts';
import { statusLabel } from './service-table.tsx';

const POLL_INTERVAL_MS = 5_000;

/** A line above every page while the gateway is unreachable or slow. A single failure does not show it. */
export function ConnectionBanner() {
  useOverviewUpdates(POLL_INTERVAL_MS);
  const message = useOverview((state) => {
    if (isConnectionLost(state)) return 'Gateway unreachable. Retrying every few seconds.';
    return state.isSlow ? 'The gateway is responding slowly.' : null;
  });
  if (!message) return null;
  return (
    <p className="flex items-center justify-center gap-2 border-b border-border bg-surface-2 px-4 py-1.5 text-sm text-warn">
      <WifiOff aria-hidden size={16} /> {message}
    </p>
  );
}

/** The status of the system as an icon that links to the dashboard. */
export function StatusLink() {
  const status = useOverview(systemStatus);
  const label = `System: ${statusLabel(status)}`;
  return (
    <Link
      href="/dashboard"
      aria-label={label}
      title={label}
      className="target inline-flex items-center justify-center rounded-sm hover:bg-surface-2"
    >
      <StatusIcon status={status} />
    </Link>
  );
}
