import { Link } from 'wouter';
import { useShallow } from 'zustand/react/shallow';
import { StatusMark } from '../../design/status-icon.tsx';
import { systemStatus } from './overview-state.ts';
import { useOverview } from './overview-store.ts';
import { STATUS_WORDS } from './status-words.ts';

/** The system's state in one mark, leading to the page that explains it. */
export function StatusLink() {
  const status = useOverview(useShallow(systemStatus));
  const label = `System: ${STATUS_WORDS[status]}`;
  return (
    <Link
      href="/dashboard"
      aria-label={label}
      title={label}
      className="target inline-flex items-center justify-center rounded-sm hover:bg-surface-2"
    >
      <StatusMark status={status} />
    </Link>
  );
}
