import type { Job } from '@prodigon/contracts';
import { Check, type LucideIcon, TimerOff, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from '../../../design/classes.ts';
import { formatMoment } from '../../../design/format.ts';
import { isOver } from '../job-progress.ts';
import { jobWords } from '../job-words.ts';

type Stage = 'done' | 'now' | 'ahead';

/** Submitted, running, finished: where the job is, and when it came there. */
export function Lifecycle({ job }: { job: Job }) {
  const over = isOver(job);
  const hasBegun = job.started_at !== null;
  const end = endOf(job);
  return (
    <ol aria-label="Lifecycle" className="grid gap-y-4 sm:grid-cols-3">
      <Step stage="done" label="Submitted" note={<Moment at={job.created_at} />} />
      <Step
        stage={hasBegun ? (over ? 'done' : 'now') : over ? 'ahead' : 'now'}
        label={hasBegun || over ? 'Running' : 'Waiting for a worker'}
        note={job.started_at ? <Moment at={job.started_at} /> : over ? 'never began' : 'not yet'}
      />
      <Step
        stage={over ? 'done' : 'ahead'}
        label={over ? capitalised(jobWords(job)) : job.cancelling ? 'Cancelling' : 'Finished'}
        note={job.completed_at ? <Moment at={job.completed_at} /> : <>not later than {formatMoment(job.expires_at)}</>}
        look={over ? end : undefined}
        isLast
      />
    </ol>
  );
}

interface Look {
  Icon: LucideIcon;
  className: string;
}

function endOf({ status }: Job): Look | undefined {
  if (status === 'failed') return { Icon: X, className: 'border-bad text-bad' };
  if (status === 'cancelled') return { Icon: X, className: 'border-text-2 text-text-2' };
  if (status === 'expired') return { Icon: TimerOff, className: 'border-warn text-warn' };
  return undefined;
}

interface StepProps {
  stage: Stage;
  label: string;
  note: ReactNode;
  look?: Look | undefined;
  isLast?: boolean;
}

function Step({ stage, label, note, look, isLast = false }: StepProps) {
  const { Icon, className } = look ?? { Icon: Check, className: 'border-ok text-ok' };
  return (
    <li aria-current={stage === 'now' ? 'step' : undefined} className="relative flex gap-3 sm:flex-col sm:gap-2">
      {!isLast && (
        <span
          aria-hidden="true"
          className={classes(
            'absolute max-sm:top-6 max-sm:-bottom-4 max-sm:left-3 max-sm:w-px sm:top-3 sm:right-2 sm:left-8 sm:h-px',
            stage === 'done' ? 'bg-ok' : 'bg-border',
          )}
        />
      )}
      <span
        aria-hidden="true"
        className={classes(
          'flex size-6 shrink-0 items-center justify-center rounded-full border-2',
          stage === 'done' && className,
          stage === 'now' && 'border-info',
          stage === 'ahead' && 'border-border',
        )}
      >
        {stage === 'done' && <Icon size={14} strokeWidth={3} />}
        {stage === 'now' && <span className="size-2 animate-[blink_1.6s_infinite] rounded-full bg-info" />}
      </span>
      <div className="pr-4">
        <p className={classes('font-medium', stage === 'ahead' && 'text-text-3')}>{label}</p>
        <p className="tabular text-sm text-text-3">{note}</p>
      </div>
    </li>
  );
}

function Moment({ at }: { at: string }) {
  return <time dateTime={at}>{formatMoment(at)}</time>;
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
