import type { Job } from '@prodigon/contracts';
import { finishedPrompts, formatCount, formatSeconds, statusOf } from '../../format-numbers.ts';

export interface ProgressOptions {
  /** The width of the terminal. Without it, the line has no bar and no limit. */
  readonly columns?: number | undefined;
  readonly itemsPerSecond?: number | undefined;
  readonly isConnected: boolean;
}

const BAR_COLUMNS = { min: 10, max: 40 };
const SEPARATOR = ' · ';

/** Returns a line such as ` 42% ████████░░░░░░░░░░░░ 42/100 · 2 failed · 8 running · 12.3/s · 5 s left · 12,345 tokens`. */
export function formatProgress(job: Job, { columns, itemsPerSecond, isConnected }: ProgressOptions): string {
  const finished = finishedPrompts(job);
  const share = job.total_prompts === 0 ? 0 : finished / job.total_prompts;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
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
  if (columns === undefined) return `${percent.trim()} ${parts.join(SEPARATOR)}`;

  // Some terminals start a new line when the last column is filled.
  const roomFor = (texts: readonly string[]) => columns - 1 - percent.length - 2 - texts.join(SEPARATOR).length;
  while (parts.length > 1 && roomFor(parts) < BAR_COLUMNS.min) parts.pop();
  const room = Math.min(BAR_COLUMNS.max, roomFor(parts));
  const line = [percent, ...(room < BAR_COLUMNS.min ? [] : [bar(share, room)]), parts.join(SEPARATOR)].join(' ');
  return line.slice(0, Math.max(0, columns - 1));
}

function bar(share: number, columns: number): string {
  const full = Math.floor(share * columns);
  return '█'.repeat(full) + '░'.repeat(columns - full);
}
