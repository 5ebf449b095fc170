import type { Job, JobTimings } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { formatCount, formatLatency } from '../../../design/format.ts';
import { Panel } from '../../../design/page.tsx';
import { missingTimingsLabel, timingInsight } from './job-metrics.ts';

type Quantiles = NonNullable<JobTimings['wait_ms']>;

/** Measurements of a job with at least one succeeded prompt. */
interface TimingSummary {
  count: number;
  queueTime: Quantiles;
  runTime: Quantiles;
}

interface TimingPanelProps {
  job: Job;
  timings: JobTimings | null;
  /** Whether the first measurements have loaded or failed to load. */
  isLoaded: boolean;
}

/** Compares queue time and run time of the prompts. */
export function TimingPanel({ job, timings: measured, isLoaded }: TimingPanelProps) {
  const timings = measured && toSummary(measured);
  return (
    <Panel title="Queue time and run time">
      <div className="flex flex-col gap-5 p-5">
        {timings === null ? (
          <p className="text-text-2">{missingTimingsLabel(job, measured, isLoaded)}</p>
        ) : (
          <>
            <TimingBar label="Queue time" quantiles={timings.queueTime} timings={timings} fill="bg-control" />
            <TimingBar label="Run time" quantiles={timings.runTime} timings={timings} fill="bg-worker" />
            <p className="text-sm text-text-2">{timingInsight(timings.queueTime.p50, timings.runTime.p50)}</p>
            <p className="tabular text-sm text-text-3">{sampleLabel(job, timings)}</p>
          </>
        )}
      </div>
    </Panel>
  );
}

function toSummary({ measured_prompts: count, wait_ms, run_ms }: JobTimings): TimingSummary | null {
  return wait_ms && run_ms && { count, queueTime: wait_ms, runTime: run_ms };
}

interface TimingBarProps {
  label: string;
  quantiles: Quantiles;
  timings: TimingSummary;
  fill: string;
}

/** Solid up to the median and pale up to p95. Both bars share one scale. */
function TimingBar({ label, quantiles: { p50, p95 }, timings, fill }: TimingBarProps) {
  const scaleMs = Math.max(timings.queueTime.p95, timings.runTime.p95, 1);
  const width = (ms: number) => ({ width: `${Math.max(0.5, (ms / scaleMs) * 100)}%` });
  return (
    <div>
      <p className="tabular flex flex-wrap justify-between gap-x-4 text-sm">
        <span className="font-medium">{label}</span>
        <span className="text-text-2">
          median {formatLatency(p50)}, p95 {formatLatency(p95)}
        </span>
      </p>
      <div aria-hidden="true" className="relative mt-1.5 h-5 overflow-hidden rounded-[4px] bg-surface-2">
        <span className={clsx('absolute inset-y-0 left-0 rounded-[4px] opacity-35', fill)} style={width(p95)} />
        <span className={clsx('absolute inset-y-0 left-0 rounded-[4px]', fill)} style={width(p50)} />
      </div>
    </div>
  );
}

function sampleLabel(job: Job, { count }: TimingSummary): string {
  if (count >= job.completed_prompts) return `All ${formatCount(count)} succeeded prompts`;
  return `Measured on ${formatCount(count)} of ${formatCount(job.completed_prompts)} succeeded prompts`;
}
