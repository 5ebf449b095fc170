import type { Job } from '@prodigon/contracts';
import { classes } from '../../../design/classes.ts';
import { formatCount, formatLatency } from '../../../design/format.ts';
import { Panel } from '../../../design/panel.tsx';
import type { Spread, TimingSummary } from './timings.ts';

/** Wait against run: where the time of a prompt goes. */
export function TimingPanel({ job, timings }: { job: Job; timings: TimingSummary | null }) {
  return (
    <Panel title="Wait against run">
      <div className="flex flex-col gap-5 p-5">
        {timings === null ? (
          <p className="text-text-2">Nothing to compare before the first answer.</p>
        ) : (
          <>
            <Bars label="Waited" spread={timings.wait} timings={timings} fill="bg-control" />
            <Bars label="Ran" spread={timings.run} timings={timings} fill="bg-worker" />
            <p className="text-sm text-text-2">{insight(timings)}</p>
            <p className="tabular text-sm text-text-3">{basis(job, timings)}</p>
          </>
        )}
      </div>
    </Panel>
  );
}

interface BarsProps {
  label: string;
  spread: Spread;
  timings: TimingSummary;
  fill: string;
}

/** Solid up to the middle, pale up to the slow end, both on one scale. */
function Bars({ label, spread, timings, fill }: BarsProps) {
  const scale = Math.max(timings.wait.p95, timings.run.p95, 1);
  const width = (ms: number) => ({ width: `${Math.max(0.5, (ms / scale) * 100)}%` });
  return (
    <div>
      <p className="tabular flex flex-wrap justify-between gap-x-4 text-sm">
        <span className="font-medium">{label}</span>
        <span className="text-text-2">
          half within {formatLatency(spread.p50)}, 95 % within {formatLatency(spread.p95)}
        </span>
      </p>
      <div aria-hidden="true" className="relative mt-1.5 h-5 overflow-hidden rounded-[4px] bg-surface-2">
        <span className={classes('absolute inset-y-0 left-0 rounded-[4px] opacity-35', fill)} style={width(spread.p95)} />
        <span className={classes('absolute inset-y-0 left-0 rounded-[4px]', fill)} style={width(spread.p50)} />
      </div>
    </div>
  );
}

function insight({ wait, run }: TimingSummary): string {
  const ratio = wait.p50 / Math.max(run.p50, 1);
  if (ratio >= 2)
    return `The typical prompt waited ${formatCount(Math.round(ratio))} times as long as it ran: more at once would end the job sooner.`;
  if (ratio <= 0.5) return 'The typical prompt ran longer than it waited: the model sets the pace.';
  return 'The typical prompt waited about as long as it ran.';
}

function basis(job: Job, { count }: TimingSummary): string {
  if (count >= job.completed_prompts) return `All ${formatCount(count)} answered prompts.`;
  return `${formatCount(count)} of ${formatCount(job.completed_prompts)} answered prompts: those that this page has seen.`;
}
