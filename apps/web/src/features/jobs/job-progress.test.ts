import { describe, expect, it } from 'vitest';
import { aJob } from './job.test-support.ts';
import { incompleteCount, jobProgress, jobStatusLabel, progressSegments } from './job-progress.ts';

const counts = (job = aJob()) => progressSegments(job).map(({ count }) => count);

describe('job progress', () => {
  it('counts every prompt in exactly one segment', () => {
    expect(counts()).toEqual([3, 1, 0, 2, 4]);
    expect(counts(aJob({ status: 'cancelled', cancelled_prompts: 6, running_prompts: 0 }))).toEqual([3, 1, 6, 0, 0]);
  });

  it('never counts more running prompts than are unfinished', () => {
    expect(counts(aJob({ completed_prompts: 8, running_prompts: 4 }))).toEqual([8, 1, 0, 1, 0]);
  });

  it('counts finished prompts while the job runs and succeeded prompts afterwards', () => {
    expect(jobProgress(aJob())).toEqual({ count: 4, percent: 40, label: 'finished' });
    expect(jobProgress(aJob({ status: 'expired', cancelled_prompts: 6 }))).toEqual({ count: 3, percent: 30, label: 'succeeded' });
  });

  it('rounds the percentage down', () => {
    expect(jobProgress(aJob({ total_prompts: 1_000, completed_prompts: 999, failed_prompts: 0 })).percent).toBe(99);
  });

  it('counts prompts without a response as incomplete', () => {
    expect(incompleteCount(aJob({ status: 'cancelled', cancelled_prompts: 6 }))).toBe(7);
  });

  it('returns zero percent for a job without prompts', () => {
    expect(jobProgress(aJob({ total_prompts: 0, completed_prompts: 0, failed_prompts: 0 })).percent).toBe(0);
  });
});

describe('jobStatusLabel', () => {
  it.each([
    [{ status: 'pending' }, 'Queued'],
    [{ status: 'running' }, 'Running'],
    [{ status: 'running', cancelling: true }, 'Cancelling'],
    [{ status: 'cancelled', cancelling: true }, 'Cancelled'],
    [{ status: 'completed', failed_prompts: 0 }, 'Completed'],
    [{ status: 'completed', failed_prompts: 1 }, 'Partially completed'],
    [{ status: 'failed', failed_prompts: 1 }, 'Failed'],
  ] as const)('labels %j as %s', (changes, label) => expect(jobStatusLabel(aJob(changes))).toBe(label));
});
