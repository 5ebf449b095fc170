import type { Job, JobItemStatus, JobStatus } from '@prodigon/contracts';

export const JOB_STATUS_WORDS: Record<JobStatus, string> = {
  pending: 'waiting',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
};

export const ITEM_STATUS_WORDS: Record<JobItemStatus, string> = {
  pending: 'waiting',
  running: 'in flight',
  retrying: 'will be retried',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
};

/** How a job is, as a person would say it. */
export function jobWords({ status, cancelling, failed_prompts }: Job): string {
  if (cancelling && (status === 'pending' || status === 'running')) return 'cancelling';
  if (status === 'completed' && failed_prompts > 0) return 'completed in part';
  return JOB_STATUS_WORDS[status];
}
