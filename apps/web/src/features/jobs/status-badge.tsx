import type { Job, JobItemStatus } from '@prodigon/contracts';
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
import { classes } from '../../design/classes.ts';
import { ITEM_STATUS_WORDS, jobWords } from './job-words.ts';

type Kind = JobItemStatus | 'partial';

/** A shape, a colour and a word each: no two of them are needed to tell states apart. */
const MARKS: Record<Kind, { Icon: LucideIcon; colour: string }> = {
  pending: { Icon: CircleDashed, colour: 'text-text-3' },
  running: { Icon: LoaderCircle, colour: 'text-info' },
  retrying: { Icon: RotateCw, colour: 'text-warn' },
  succeeded: { Icon: CircleCheck, colour: 'text-ok' },
  partial: { Icon: CircleAlert, colour: 'text-warn' },
  failed: { Icon: CircleX, colour: 'text-bad' },
  cancelled: { Icon: Ban, colour: 'text-text-2' },
  expired: { Icon: TimerOff, colour: 'text-warn' },
};

function Badge({ kind, words }: { kind: Kind; words: string }) {
  const { Icon, colour } = MARKS[kind];
  return (
    <span className={classes('inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap', colour)}>
      <Icon aria-hidden size={15} className={classes('shrink-0', kind === 'running' && 'animate-[spin_1.6s_linear_infinite]')} />
      {words}
    </span>
  );
}

export function JobStatusBadge({ job }: { job: Job }) {
  const words = jobWords(job);
  const kind = words === 'completed in part' ? 'partial' : job.status === 'completed' ? 'succeeded' : job.status;
  return <Badge kind={kind} words={words} />;
}

export function ItemStatusBadge({ status }: { status: JobItemStatus }) {
  return <Badge kind={status} words={ITEM_STATUS_WORDS[status]} />;
}
