import type { Job } from '@prodigon/contracts';
import { classes } from '../../../design/classes.ts';
import { formatCount, formatDollars, formatDuration } from '../../../design/format.ts';
import { Panel } from '../../../design/panel.tsx';
import { isOver, progressOf, segmentsOf } from '../job-progress.ts';
import { ProgressBar, SEGMENT_FILLS } from '../progress-bar.tsx';
import { Lifecycle } from './lifecycle.tsx';
import { type PaceSample, paceOf } from './pace.ts';

interface ProgressPanelProps {
  job: Job;
  samples: readonly PaceSample[];
  now: number;
}

export function ProgressPanel({ job, samples, now }: ProgressPanelProps) {
  const { count, percent, words } = progressOf(job);
  return (
    <Panel title="Progress">
      <div className="flex flex-col gap-6 p-5">
        <Lifecycle job={job} />
        <div>
          <div className="mb-3 flex flex-wrap items-baseline gap-x-3">
            <span className="tabular text-2xl font-semibold tracking-tight">{percent} %</span>
            <span className="tabular text-text-2">
              {formatCount(count)} of {formatCount(job.total_prompts)} prompts {words}
            </span>
          </div>
          <ProgressBar job={job} className="h-4" />
          <ul className="tabular mt-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
            {segmentsOf(job).map(({ kind, count }) => (
              <li key={kind} className={classes('flex items-center gap-2', count === 0 ? 'text-text-3' : 'text-text-2')}>
                <span
                  aria-hidden="true"
                  className={classes('size-3 rounded-[3px]', SEGMENT_FILLS[kind], kind === 'waiting' && 'border border-control')}
                />
                {formatCount(count)} {kind}
              </li>
            ))}
          </ul>
        </div>
        <Facts job={job} samples={samples} now={now} />
      </div>
    </Panel>
  );
}

function Facts({ job, samples, now }: ProgressPanelProps) {
  const pace = paceOf(job, samples);
  const over = isOver(job);
  const facts = [
    [over ? 'Pace' : 'Pace now', pace ? `${figure(pace.promptsPerSecond)} prompts/s` : over ? 'not measured' : 'measuring…'],
    over ? (['Ran for', ranFor(job)] as const) : (['Time left', timeLeft(job)] as const),
    ['Tokens', formatCount(job.usage.total_tokens), pace ? `${figure(pace.tokensPerSecond)} a second` : ''],
    ['Cost', job.cost_usd === null ? 'not known' : formatDollars(job.cost_usd)],
    over ? null : (['Running for', job.started_at ? duration(now - Date.parse(job.started_at)) : 'not begun'] as const),
  ].filter((fact) => fact !== null);
  return (
    <dl className="grid grid-cols-2 gap-4 border-t border-border pt-5 sm:grid-cols-3 lg:grid-cols-5">
      {facts.map(([label, value, note]) => (
        <div key={label}>
          <dt className="text-sm text-text-3">{label}</dt>
          <dd className="tabular font-semibold">{value}</dd>
          {note && <dd className="tabular text-sm text-text-3">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

function figure(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate));
}

function duration(ms: number): string {
  return formatDuration(Math.max(0, ms) / 1_000);
}

function timeLeft({ eta_s, cancelling }: Job): string {
  if (cancelling) return 'cancelling';
  return eta_s === null ? 'not known yet' : `about ${formatDuration(Math.max(1, eta_s))}`;
}

function ranFor({ started_at, completed_at }: Job): string {
  if (!started_at || !completed_at) return 'never began';
  const ms = Date.parse(completed_at) - Date.parse(started_at);
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : duration(ms);
}
