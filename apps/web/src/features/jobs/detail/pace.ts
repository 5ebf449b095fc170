import type { Job } from '@prodigon/contracts';
import { isOver, settledOf } from '../job-progress.ts';

/** The numbers of a job at a moment of this page's clock. */
export interface PaceSample {
  at: number;
  settled: number;
  tokens: number;
}

export interface Pace {
  promptsPerSecond: number;
  tokensPerSecond: number;
}

const WINDOW_MS = 15_000;
const SHORTEST_MS = 1_500;

/** With the newest numbers, without those that are too old to say anything about now. */
export function withSample(samples: readonly PaceSample[], job: Job, at: number): PaceSample[] {
  const recent = samples.filter((sample) => at - sample.at <= WINDOW_MS);
  return [...recent, { at, settled: settledOf(job), tokens: job.usage.total_tokens }];
}

/** Of the last seconds while it runs, of the whole once it is over; null before it can be told. */
export function paceOf(job: Job, samples: readonly PaceSample[]): Pace | null {
  if (isOver(job)) {
    if (!job.started_at || !job.completed_at) return null;
    const ms = Date.parse(job.completed_at) - Date.parse(job.started_at);
    return rate(job.completed_prompts + job.failed_prompts, job.usage.total_tokens, ms);
  }
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < SHORTEST_MS) return null;
  return rate(last.settled - first.settled, last.tokens - first.tokens, last.at - first.at);
}

function rate(prompts: number, tokens: number, ms: number): Pace | null {
  return ms <= 0 ? null : { promptsPerSecond: (prompts / ms) * 1_000, tokensPerSecond: (tokens / ms) * 1_000 };
}
