import { clsx } from 'clsx';
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNow } from './browser-hooks.ts';
import { Button } from './button.tsx';
import { formatDuration } from './format.ts';

type Severity = 'info' | 'warn' | 'bad';

const ICONS = { info: Info, warn: TriangleAlert, bad: CircleAlert };
const COLORS: Record<Severity, string> = { info: 'text-info', warn: 'text-warn', bad: 'text-bad' };
const SURFACES: Record<Severity, string> = { info: 'border-border bg-surface', warn: 'notice-warn', bad: 'notice-bad' };

interface NoticeProps {
  severity: Severity;
  title: string;
  children?: ReactNode;
  /** Buttons that resolve the problem. */
  actions?: ReactNode;
}

/** A message within the page, with the actions that help. */
export function Notice({ severity, title, children, actions }: NoticeProps) {
  const Icon = ICONS[severity];
  return (
    <div className={clsx('flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border px-4 py-3', SURFACES[severity])}>
      <Icon aria-hidden size={18} className={clsx('mt-0.5 shrink-0 self-start', COLORS[severity])} />
      <div className="min-w-48 flex-1 wrap-anywhere">
        <p className="font-medium">{title}</p>
        {children && <div className="mt-0.5 text-sm text-text-2">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

/** `Last updated 5 s ago.`; `receivedAt` in milliseconds since the epoch. */
export function LastUpdated({ receivedAt }: { receivedAt: number }) {
  const now = useNow();
  return <span className="tabular">Last updated {formatDuration(Math.max(0, now - receivedAt) / 1_000)} ago.</span>;
}

interface StaleNoticeProps {
  title: string;
  /** Why the latest request failed. */
  failure: { code: string; message: string };
  /** When the data below was received; null if there is none. */
  receivedAt: number | null;
  onRetry: () => void;
}

/** Explains why the data below is not current, and how old it is. Polling continues meanwhile. */
export function StaleNotice({ title, failure, receivedAt, onRetry }: StaleNoticeProps) {
  return (
    <Notice
      severity="bad"
      title={failure.code === 'UNAUTHENTICATED' ? 'API key required' : title}
      actions={<Button onClick={onRetry}>Retry now</Button>}
    >
      {failure.message} {receivedAt !== null && <LastUpdated receivedAt={receivedAt} />}
    </Notice>
  );
}
