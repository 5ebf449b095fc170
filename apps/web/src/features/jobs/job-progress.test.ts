import { describe, expect, it } from 'vitest';
import { aJob } from './job.test-support.ts';
import { incompleteCount, jobProgress, progressSegments } from './job-progress.ts';

const counts = (job = aJob()) => progressSegments(job).map(({ count }) => count);

describe('the figures of a job', () => {
  it('put every prompt in one segment', () => {
    expect(counts()).toEqual([3, 1, 0, 2, 4]);
    expect(counts(aJob({ status: 'cancelled', cancelled_prompts: 6, running_prompts: 0 }))).toEqual([3, 1, 6, 0, 0]);
  });

  it('never show more than there is, even when more is in flight than is left', () => {
    expect(counts(aJob({ completed_prompts: 8, running_prompts: 4 }))).toEqual([8, 1, 0, 1, 0]);
  });

  it('count what is dealt with while the job runs, and only what is answered once it is over', () => {
    expect(jobProgress(aJob())).toEqual({ count: 4, percent: 40, words: 'done' });
    expect(jobProgress(aJob({ status: 'expired', cancelled_prompts: 6 }))).toEqual({ count: 3, percent: 30, words: 'answered' });
  });

  it('do not say 100 % before nothing is left', () => {
    expect(jobProgress(aJob({ total_prompts: 1_000, completed_prompts: 999, failed_prompts: 0 })).percent).toBe(99);
  });

  it('count everything without an answer as what a retry would ask again', () => {
    expect(incompleteCount(aJob({ status: 'cancelled', cancelled_prompts: 6 }))).toBe(7);
  });
});
