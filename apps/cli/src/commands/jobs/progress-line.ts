import type { Job } from '@prodigon/contracts';
import { finishedPrompts, formatCount, formatSeconds, statusOf } from '../../format-numbers.ts';
import { formatProgressLine } from '../../progress-bar.ts';
import type { LineOptions } from '../../progress-display.ts';

export interface ProgressOptions extends LineOptions {
  readonly itemsPerSecond?: number | undefined;
}

/** Returns a line such as ` 42% ████████░░░░░░░░░░░░ 42/100 · 2 failed · 8 running · 12.3/s · 5 s left · 12,345 tokens`. */
export function formatProgress(job: Job, { columns, itemsPerSecond, isConnected }: ProgressOptions): string {
  const finished = finishedPrompts(job);
  const share = job.total_prompts === 0 ? 0 : finished / job.total_prompts;
  const parts = [
    `${formatCount(finished)}/${formatCount(job.total_prompts)}`,
    ...(isConnected ? [] : ['connection lost, reconnecting']),
    ...(job.status === 'running' && !job.cancelling ? [] : [statusOf(job).toLowerCase()]),
    ...(job.failed_prompts > 0 ? [`${formatCount(job.failed_prompts)} failed`] : []),
    ...(job.running_prompts > 0 ? [`${formatCount(job.running_prompts)} running`] : []),
    ...(itemsPerSecond === undefined ? [] : [`${itemsPerSecond.toFixed(itemsPerSecond < 100 ? 1 : 0)}/s`]),
    ...(job.eta_s === null ? [] : [`${formatSeconds(job.eta_s)} left`]),
    `${formatCount(job.usage.total_tokens)} tokens`,
  ];
  return formatProgressLine(share, parts, columns);
}
