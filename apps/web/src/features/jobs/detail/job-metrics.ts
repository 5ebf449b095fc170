import { baseModelId, type Job, type JobTimings } from '@prodigon/contracts';
import { formatCount } from '../../../design/format.ts';
import { finishedCount, isFinished } from '../job-progress.ts';

/** The counters of a job at one time. */
export interface ThroughputSample {
  /** By the clock of the browser, in milliseconds. */
  at: number;
  finished: number;
  tokens: number;
}

export interface Throughput {
  promptsPerSecond: number;
  tokensPerSecond: number;
}

const SAMPLE_WINDOW_MS = 15_000;
const MEASURED_MS_MIN = 1_500;
/** A shorter time measures the queue, not the model. */
const RATED_MS_MIN = 300;

/** Appends the current counters and drops samples that are older than the window. */
export function appendSample(samples: readonly ThroughputSample[], job: Job, at: number): ThroughputSample[] {
  const recent = samples.filter((sample) => at - sample.at <= SAMPLE_WINDOW_MS);
  return [...recent, { at, finished: finishedCount(job), tokens: job.usage.total_tokens }];
}

/** The throughput of the sample window while the job runs, of the whole job afterwards; null if it cannot be measured. */
export function jobThroughput(job: Job, samples: readonly ThroughputSample[]): Throughput | null {
  if (isFinished(job)) {
    if (!job.started_at || !job.completed_at) return null;
    const ms = Date.parse(job.completed_at) - Date.parse(job.started_at);
    return throughput(job.completed_prompts + job.failed_prompts, job.usage.total_tokens, ms);
  }
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < MEASURED_MS_MIN) return null;
  return throughput(last.finished - first.finished, last.tokens - first.tokens, last.at - first.at);
}

function throughput(prompts: number, tokens: number, ms: number): Throughput | null {
  return ms < RATED_MS_MIN ? null : { promptsPerSecond: (prompts / ms) * 1_000, tokensPerSecond: (tokens / ms) * 1_000 };
}

/** Why the job has no measurements. The counts of the job are newer than the measurements, which are read every few seconds. */
export function missingTimingsLabel(job: Job, timings: JobTimings | null, isLoaded: boolean): string {
  if (timings === null) return isLoaded ? 'Not available' : 'Loading…';
  if (job.completed_prompts > 0) return 'Measuring…';
  return isFinished(job) ? 'No prompt succeeded' : 'No prompt has succeeded yet';
}

/** Compares the median queue time and run time. Medians that differ by less than a quarter count as equal. */
export function timingInsight(queueMs: number, runMs: number): string {
  const ratio = queueMs / Math.max(runMs, 1);
  if (ratio >= 2) {
    return `The median prompt waited ${formatCount(Math.round(ratio))} times as long as it ran. Higher concurrency would finish the job sooner.`;
  }
  if (ratio >= 1.25) return 'The median prompt waited longer than it ran.';
  if (ratio > 0.8) return 'The median prompt waited about as long as it ran.';
  return `The median prompt ran longer than it waited.${ratio <= 0.5 ? ' The model limits the throughput.' : ''}`;
}

/** The requested model of a job and, where that does not say it, the models that responded: `fake-small (default)`. */
export function jobModelLabel(requested: string | null, responded: readonly string[]): string {
  const names = responded.join(', ');
  if (requested === null) return names === '' ? 'Default model' : `${names} (default)`;
  return names === '' || names === baseModelId(requested) ? requested : `${requested} (${names})`;
}
