import type { Job } from '@prodigon/contracts';

export const formatCount = (count: number): string => count.toLocaleString('en');
export const countOf = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Returns a duration, e.g. `12 s`, `3 min 5 s` or `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return [`${Math.floor(whole / 60)} min`, whole % 60 ? `${whole % 60} s` : ''].join(' ').trim();
  return [`${Math.floor(whole / 3_600)} h`, whole % 3_600 >= 60 ? `${Math.floor((whole % 3_600) / 60)} min` : '']
    .join(' ')
    .trim();
}

/** Returns a time in the time zone of this machine, e.g. `2026-01-31 14:05:09`. */
export function formatTime(isoTime: string): string {
  const time = new Date(isoTime);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}

/** Returns the number of prompts that completed or failed, without the cancelled ones. */
export const finishedPrompts = (job: Job): number => job.completed_prompts + job.failed_prompts;
export const formatCost = (usd: number): string => (usd === 0 ? '$0' : `$${usd.toFixed(usd < 1 ? 4 : 2)}`);
export const statusOf = ({ status, cancelling }: Job): string => (cancelling ? 'cancelling' : status);
