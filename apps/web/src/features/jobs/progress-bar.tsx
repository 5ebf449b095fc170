import type { Job } from '@prodigon/contracts';
import { classes } from '../../design/classes.ts';
import { formatCount } from '../../design/format.ts';
import { progressOf, type SegmentKind, segmentsOf } from './job-progress.ts';

/** The same fills in every bar and legend. */
export const SEGMENT_FILLS: Record<SegmentKind, string> = {
  succeeded: 'bg-ok',
  failed: 'bg-bad',
  'given up': 'bg-control',
  'in flight': 'bg-info stripes',
  waiting: 'bg-surface-2',
};

interface ProgressBarProps {
  job: Job;
  className?: string;
}

/** All prompts of a job as one bar; its name and value say the same in words. */
export function ProgressBar({ job, className }: ProgressBarProps) {
  const segments = segmentsOf(job).filter(({ count }) => count > 0);
  const { percent } = progressOf(job);
  const words = segments.map(({ kind, count }) => `${formatCount(count)} ${kind}`).join(', ');
  return (
    <div
      role="progressbar"
      aria-label={`Progress of ${job.name}`}
      aria-valuenow={percent}
      aria-valuetext={`${percent} %: ${words}`}
      className={classes('flex gap-px overflow-hidden rounded-full bg-surface-2', className)}
    >
      {segments.map(({ kind, count }) => (
        <span
          key={kind}
          className={classes(
            'h-full transition-[flex-grow] duration-200',
            kind !== 'waiting' && 'min-w-0.5',
            SEGMENT_FILLS[kind],
          )}
          style={{ flexGrow: count, flexBasis: 0 }}
        />
      ))}
    </div>
  );
}
