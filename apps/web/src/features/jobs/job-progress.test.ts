import { describe, expect, it } from 'vitest';
import { createJobFixture } from './job.test-support.ts';
import { incompleteCount, jobProgress, jobStatusLabel, progressSegments } from './job-progress.ts';

const counts = (job = createJobFixture()) => progressSegments(job).map(({ count }) => count);

describe('job progress', () => {
  it('counts every prompt in exactly one segment', () => {
    expect(counts()).toEqual([3, 1, 0, 2, 4]);
    expect(counts(createJobFixture({ status: 'cancelled', cancelled_prompts: 6, running_prompts: 0 }))).toEqual([3, 1, 6, 0, 0]);
  });

  it('never counts more running prompts than are unfinished', () => {
    expect(counts(createJobFixture({ completed_prompts: 8, running_prompts: 4 }))).toEqual([8, 1, 0, 1, 0]);
  });

  it('counts finished prompts while the job runs and succeeded prompts afterwards', () => {
    expect(jobProgress(createJobFixture())).toEqual({ count: 4, percent: 40, label: 'finished' });
    expect(jobProgress(createJobFixture({ status: 'expired', cancelled_prompts: 6 }))).toEqual({
      count: 3,
      percent: 30,
      label: 'succeeded',
    });
  });

  it('rounds the percentage down', () => {
    expect(jobProgress(createJobFixture({ total_prompts: 1_000, completed_prompts: 999, failed_prompts: 0 })).percent).toBe(99);
  });

  it('counts prompts without a response as incomplete', () => {
    expect(incompleteCount(createJobFixture({ status: 'cancelled', cancelled_prompts: 6 }))).toBe(7);
  });

  it('returns zero percent for a job without prompts', () => {
    expect(jobProgress(createJobFixture({ total_prompts: 0, completed_prompts: 0, failed_prompts: 0 })).percent).toBe(0);
  });
});

describe('jobStatusLabel', () => {
  it.each([
    [{ status: 'pending' }, 'Queued'],
    [{ status: 'running' }, 'Running'],
    [{ status: 'running', cancelling: true }, 'Cancelling'],
    [{ status: 'cancelled', cancelling: true }, 'Cancelled'],
    [{ status: 'completed', failed_prompts: 0 }, 'Completed'],
    [{ status: 'completed', failed_prompts: 1 }, 'Completed with errors'],
    [{ status: 'failed', failed_prompts: 1 }, 'Failed'],
  ] as const)('labels %j as %s', (changes, label) => expect(jobStatusLabel(createJobFixture(changes))).toBe(label));
});
