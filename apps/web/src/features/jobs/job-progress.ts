import { isTerminalJobStatus, type Job } from '@prodigon/contracts';

export type SegmentKind = 'succeeded' | 'failed' | 'given up' | 'in flight' | 'waiting';

export interface Segment {
  kind: SegmentKind;
  count: number;
}

/** Where the prompts of a job are, in the order in which a bar shows them. Together they are all of them. */
export function segmentsOf(job: Job): Segment[] {
  const { total_prompts, completed_prompts, failed_prompts, cancelled_prompts, running_prompts } = job;
  const settled = completed_prompts + failed_prompts + cancelled_prompts;
  const inFlight = Math.min(running_prompts, Math.max(0, total_prompts - settled));
  return [
    { kind: 'succeeded', count: completed_prompts },
    { kind: 'failed', count: failed_prompts },
    { kind: 'given up', count: cancelled_prompts },
    { kind: 'in flight', count: inFlight },
    { kind: 'waiting', count: Math.max(0, total_prompts - settled - inFlight) },
  ];
}

export function settledOf({ completed_prompts, failed_prompts, cancelled_prompts }: Job): number {
  return completed_prompts + failed_prompts + cancelled_prompts;
}

/** What counts as progress: while it runs what is dealt with, and once it is over what has an answer. */
export function progressOf(job: Job): { count: number; percent: number; words: 'done' | 'answered' } {
  const over = isOver(job);
  const count = over ? job.completed_prompts : settledOf(job);
  const percent = job.total_prompts === 0 ? 0 : Math.floor((count / job.total_prompts) * 100);
  return { count, percent, words: over ? 'answered' : 'done' };
}

export function isOver(job: Job): boolean {
  return isTerminalJobStatus(job.status);
}

export function withoutAnswer({ total_prompts, completed_prompts }: Job): number {
  return total_prompts - completed_prompts;
}
