import { ITEM_STATUS_LABELS, isTerminalJobStatus, JOB_STATUS_LABELS, type Job } from '@prodigon/contracts';

export type SegmentKind = 'succeeded' | 'failed' | 'notRun' | 'running' | 'pending';

/** The labels of segments in bars and legends. A cancelled and an expired prompt share one segment. */
export const SEGMENT_LABELS: Record<SegmentKind, string> = {
  succeeded: ITEM_STATUS_LABELS.succeeded,
  failed: ITEM_STATUS_LABELS.failed,
  notRun: `${ITEM_STATUS_LABELS.cancelled} or ${ITEM_STATUS_LABELS.expired.toLowerCase()}`,
  running: ITEM_STATUS_LABELS.running,
  pending: ITEM_STATUS_LABELS.pending,
};

export interface Segment {
  kind: SegmentKind;
  count: number;
}

/** Splits the prompts of a job into segments, in the order of a progress bar. The counts add up to all prompts. */
export function progressSegments(job: Job): Segment[] {
  const { total_prompts, completed_prompts, failed_prompts, cancelled_prompts, running_prompts } = job;
  const finished = finishedCount(job);
  const running = Math.min(running_prompts, Math.max(0, total_prompts - finished));
  return [
    { kind: 'succeeded', count: completed_prompts },
    { kind: 'failed', count: failed_prompts },
    { kind: 'notRun', count: cancelled_prompts },
    { kind: 'running', count: running },
    { kind: 'pending', count: Math.max(0, total_prompts - finished - running) },
  ];
}

/** The number of prompts with a final status. */
export function finishedCount({ completed_prompts, failed_prompts, cancelled_prompts }: Job): number {
  return completed_prompts + failed_prompts + cancelled_prompts;
}

/** The number of prompts without a response, which a retry runs again. */
export function incompleteCount({ total_prompts, completed_prompts }: Job): number {
  return total_prompts - completed_prompts;
}

/** The progress of a job, rounded down: its finished prompts while it runs, its succeeded prompts afterwards. */
export function jobProgress(job: Job): { count: number; percent: number; label: 'finished' | 'succeeded' } {
  const isOver = isFinished(job);
  const count = isOver ? job.completed_prompts : finishedCount(job);
  const percent = job.total_prompts === 0 ? 0 : Math.floor((count / job.total_prompts) * 100);
  return { count, percent, label: isOver ? 'succeeded' : 'finished' };
}

export function isFinished(job: Job): boolean {
  return isTerminalJobStatus(job.status);
}

/** Whether a job completed with failed prompts. */
export function hasPartiallyFailed({ status, failed_prompts }: Job): boolean {
  return status === 'completed' && failed_prompts > 0;
}

/** The label of a job's status, including a pending cancellation and partial failures. */
export function jobStatusLabel(job: Job): string {
  if (job.cancelling && !isFinished(job)) return 'Cancelling';
  return hasPartiallyFailed(job) ? 'Completed with errors' : JOB_STATUS_LABELS[job.status];
}
