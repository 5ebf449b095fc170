import type { Job } from '@prodigon/contracts';
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
