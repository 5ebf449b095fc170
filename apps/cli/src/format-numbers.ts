import { JOB_STATUS_LABELS, type Job } from '@prodigon/contracts';

export const formatCount = (count: number): string => count.toLocaleString('en');
const ZONE = new Intl.DateTimeFormat('en', { timeZoneName: 'short' });

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

/** Returns a time in the time zone of this machine, e.g. `2026-01-31 14:05:09 UTC` or `… GMT+1`. */
export function formatTime(isoTime: string): string {
  const time = new Date(isoTime);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const zone = ZONE.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')} ${zone}`.trim();
}

/** Returns the number of prompts that succeeded or failed, without the cancelled ones. */
export const finishedPrompts = (job: Job): number => job.completed_prompts + job.failed_prompts;

/** Returns an amount, e.g. `$12.30`, `$0.0042` or `$0.000013`, and `free` for zero. */
export function formatCost(usd: number): string {
  if (usd === 0) return 'free';
  return `$${usd.toFixed(usd >= 1 ? 2 : usd >= 0.001 ? 4 : 6)}`;
}

/** Returns the status with the label of the web UI, e.g. `Queued`. */
export const statusOf = ({ status, cancelling }: Pick<Job, 'status' | 'cancelling'>): string =>
  cancelling ? 'Cancelling' : JOB_STATUS_LABELS[status];
