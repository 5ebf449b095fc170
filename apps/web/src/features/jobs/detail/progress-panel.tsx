import type { Job } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { Check, type LucideIcon, TimerOff, X } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  formatCount,
  formatDollars,
  formatDuration,
  formatLatency,
  formatRate,
  formatTimestamp,
} from '../../../design/format.ts';
import { Panel } from '../../../design/page.tsx';
import { isFinished, jobProgress, jobStatusLabel, progressSegments, SEGMENT_LABELS } from '../job-progress.ts';
import { ProgressBar, SEGMENT_FILLS } from '../job-status.tsx';
import { jobThroughput, type ThroughputSample } from './job-metrics.ts';

interface ProgressPanelProps {
  job: Job;
  samples: readonly ThroughputSample[];
  now: number;
}

export function ProgressPanel({ job, samples, now }: ProgressPanelProps) {
  const { count, percent, label } = jobProgress(job);
  return (
    <Panel title="Progress">
      <div className="flex flex-col gap-6 p-5">
        <Lifecycle job={job} />
        <div>
          <div className="mb-3 flex flex-wrap items-baseline gap-x-3">
            <span className="tabular text-2xl font-semibold tracking-tight">{percent} %</span>
            <span className="tabular text-text-2">
              {formatCount(count)} of {formatCount(job.total_prompts)} prompts {label}
            </span>
          </div>
          <ProgressBar job={job} className="h-4" />
          <ul aria-label="Prompts by status" className="tabular mt-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
            {progressSegments(job).map(({ kind, count }) => (
              <li key={kind} className={clsx('flex items-center gap-2', count === 0 ? 'text-text-3' : 'text-text-2')}>
                <span
                  aria-hidden="true"
                  className={clsx('size-3 rounded-[3px]', SEGMENT_FILLS[kind], kind === 'pending' && 'border border-control')}
                />
                {formatCount(count)} {SEGMENT_LABELS[kind].toLowerCase()}
              </li>
            ))}
          </ul>
        </div>
        <JobStats job={job} samples={samples} now={now} />
      </div>
    </Panel>
  );
}

function JobStats({ job, samples, now }: ProgressPanelProps) {
  const throughput = jobThroughput(job, samples);
  const isOver = isFinished(job);
  const noThroughput = isOver ? 'not measured' : 'measuring…';
  const stats = [
    ['Throughput', throughput ? `${formatRate(throughput.promptsPerSecond)} prompts/s` : noThroughput],
    ...(isOver
      ? [['Duration', durationLabel(job)] as const]
      : [
          ['Time remaining', remainingLabel(job)] as const,
          ['Elapsed', job.started_at ? formatElapsed(now - Date.parse(job.started_at)) : 'not started'] as const,
        ]),
    ['Tokens', formatCount(job.usage.total_tokens), throughput ? `${formatRate(throughput.tokensPerSecond)} tok/s` : ''],
    ['Cost', job.cost_usd === null ? 'unknown' : formatDollars(job.cost_usd)],
  ];
  return (
    <dl className="grid grid-cols-2 gap-4 border-t border-border pt-5 sm:grid-cols-3 lg:grid-cols-5">
      {stats.map(([label, value, note]) => (
        <div key={label}>
          <dt className="text-sm text-text-3">{label}</dt>
          <dd className="tabular font-semibold">{value}</dd>
          {note && <dd className="tabular text-sm text-text-3">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

function formatElapsed(ms: number): string {
  return formatDuration(Math.max(0, ms) / 1_000);
}

function remainingLabel({ eta_s, cancelling }: Job): string {
  if (cancelling) return 'cancelling';
  return eta_s === null ? 'unknown' : `about ${formatDuration(Math.max(1, eta_s))}`;
}

function durationLabel({ started_at, completed_at }: Job): string {
  if (!started_at || !completed_at) return 'not started';
  return formatLatency(Math.max(0, Date.parse(completed_at) - Date.parse(started_at)));
}

type Stage = 'done' | 'current' | 'upcoming';

/** The steps of a job with their times: submitted, running, finished. */
function Lifecycle({ job }: { job: Job }) {
  const isOver = isFinished(job);
  const hasStarted = job.started_at !== null;
  const runningStage = hasStarted ? (isOver ? 'done' : 'current') : isOver ? 'upcoming' : 'current';
  return (
    <ol aria-label="Lifecycle" className="grid gap-y-4 sm:grid-cols-3">
      <Step stage="done" label="Submitted" note={<Timestamp at={job.created_at} />} />
      <Step
        stage={runningStage}
        label={hasStarted || isOver ? 'Running' : 'Queued'}
        note={job.started_at ? <Timestamp at={job.started_at} /> : 'not started'}
      />
      <Step
        stage={isOver ? 'done' : 'upcoming'}
        label={isOver || job.cancelling ? jobStatusLabel(job) : 'Finished'}
        note={job.completed_at ? <Timestamp at={job.completed_at} /> : <>expires {formatTimestamp(job.expires_at)}</>}
        variant={isOver ? endVariant(job) : undefined}
        isLast
      />
    </ol>
  );
}

interface StepVariant {
  Icon: LucideIcon;
  className: string;
}

function endVariant({ status }: Job): StepVariant | undefined {
  if (status === 'failed') return { Icon: X, className: 'border-bad text-bad' };
  if (status === 'cancelled') return { Icon: X, className: 'border-text-2 text-text-2' };
  if (status === 'expired') return { Icon: TimerOff, className: 'border-warn text-warn' };
  return undefined;
}

interface StepProps {
  stage: Stage;
  label: string;
  note: ReactNode;
  variant?: StepVariant | undefined;
  isLast?: boolean;
}

function Step({ stage, label, note, variant, isLast = false }: StepProps) {
  const { Icon, className } = variant ?? { Icon: Check, className: 'border-ok text-ok' };
  return (
    <li aria-current={stage === 'current' ? 'step' : undefined} className="relative flex gap-3 sm:flex-col sm:gap-2">
      {!isLast && (
        <span
          aria-hidden="true"
          className={clsx(
            'absolute max-sm:top-6 max-sm:-bottom-4 max-sm:left-3 max-sm:w-px sm:top-3 sm:right-2 sm:left-8 sm:h-px',
            stage === 'done' ? 'bg-ok' : 'bg-border',
          )}
        />
      )}
      <span
        aria-hidden="true"
        className={clsx(
          'flex size-6 shrink-0 items-center justify-center rounded-full border-2',
          stage === 'done' && className,
          stage === 'current' && 'border-info',
          stage === 'upcoming' && 'border-border',
        )}
      >
        {stage === 'done' && <Icon size={14} strokeWidth={3} />}
        {stage === 'current' && <span className="size-2 animate-[blink_1.6s_infinite] rounded-full bg-info" />}
      </span>
      <div className="pr-4">
        <p className={clsx('font-medium', stage === 'upcoming' && 'text-text-3')}>{label}</p>
        <p className="tabular text-sm text-text-3">{note}</p>
      </div>
    </li>
  );
}

function Timestamp({ at }: { at: string }) {
  return <time dateTime={at}>{formatTimestamp(at)}</time>;
}
