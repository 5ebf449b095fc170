import { ITEM_STATUS_LABELS, type Job, type JobItemStatus } from '@prodigon/contracts';
import { clsx } from 'clsx';
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  LoaderCircle,
  type LucideIcon,
  RotateCw,
  TimerOff,
} from 'lucide-react';
import { formatCount } from '../../design/format.ts';
import {
  hasPartiallyFailed,
  jobProgress,
  jobStatusLabel,
  progressSegments,
  SEGMENT_LABELS,
  type SegmentKind,
} from './job-progress.ts';

type BadgeKind = JobItemStatus | 'partial';

/** Icon, color and label each identify a status on their own. */
const BADGES: Record<BadgeKind, { Icon: LucideIcon; color: string }> = {
  pending: { Icon: CircleDashed, color: 'text-text-3' },
  running: { Icon: LoaderCircle, color: 'text-info' },
  retrying: { Icon: RotateCw, color: 'text-warn' },
  succeeded: { Icon: CircleCheck, color: 'text-ok' },
  partial: { Icon: CircleAlert, color: 'text-warn' },
  failed: { Icon: CircleX, color: 'text-bad' },
  cancelled: { Icon: Ban, color: 'text-text-2' },
  expired: { Icon: TimerOff, color: 'text-warn' },
};

function Badge({ kind, label, isLabelShown = true }: { kind: BadgeKind; label: string; isLabelShown?: boolean }) {
  const { Icon, color } = BADGES[kind];
  return (
    <span className={clsx('inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap', color)}>
      <Icon aria-hidden size={15} className={clsx('shrink-0', kind === 'running' && 'animate-[spin_1.6s_linear_infinite]')} />
      <span className={isLabelShown ? undefined : 'sr-only'}>{label}</span>
    </span>
  );
}

export function JobStatusBadge({ job }: { job: Job }) {
  const kind = hasPartiallyFailed(job) ? 'partial' : job.status === 'completed' ? 'succeeded' : job.status;
  return <Badge kind={kind} label={jobStatusLabel(job)} />;
}

/** Success is only an icon, because most prompts in a list succeed. */
export function ItemStatusBadge({ status }: { status: JobItemStatus }) {
  return <Badge kind={status} label={ITEM_STATUS_LABELS[status]} isLabelShown={status !== 'succeeded'} />;
}

/** The fills of segments in bars and legends. */
export const SEGMENT_FILLS: Record<SegmentKind, string> = {
  succeeded: 'bg-ok',
  failed: 'bg-bad',
  notRun: 'bg-control',
  running: 'bg-info stripes',
  pending: 'bg-surface-2',
};

interface ProgressBarProps {
  job: Job;
  className?: string;
}

/** All prompts of a job as one bar, with the counts as its accessible value. */
export function ProgressBar({ job, className }: ProgressBarProps) {
  const segments = progressSegments(job).filter(({ count }) => count > 0);
  const { percent } = jobProgress(job);
  const counts = segments.map(({ kind, count }) => `${formatCount(count)} ${SEGMENT_LABELS[kind].toLowerCase()}`).join(', ');
  return (
    <div
      role="progressbar"
      aria-label={`Progress of ${job.name}`}
      aria-valuenow={percent}
      aria-valuetext={`${percent} %: ${counts}`}
      className={clsx('flex gap-px overflow-hidden rounded-full bg-surface-2', className)}
    >
      {segments.map(({ kind, count }) => (
        <span
          key={kind}
          className={clsx('h-full transition-[flex-grow] duration-200', kind !== 'pending' && 'min-w-0.5', SEGMENT_FILLS[kind])}
          style={{ flexGrow: count, flexBasis: 0 }}
        />
      ))}
    </div>
  );
}
