import { describe, expect, it } from 'vitest';
import { createJobFixture } from '../job.test-support.ts';
import { appendSample, jobThroughput } from './job-metrics.ts';

describe('jobThroughput', () => {
  it('measures the sample window while the job runs', () => {
    let samples = appendSample([], createJobFixture({ completed_prompts: 0, failed_prompts: 0 }), 0);
    samples = appendSample(samples, createJobFixture({ completed_prompts: 4, failed_prompts: 0 }), 2_000);
    expect(jobThroughput(createJobFixture(), samples)).toEqual({ promptsPerSecond: 2, tokensPerSecond: 0 });
  });

  it('returns null if the samples span less than 1.5 seconds', () => {
    const samples = appendSample(appendSample([], createJobFixture(), 0), createJobFixture({ completed_prompts: 9 }), 1_499);
    expect(jobThroughput(createJobFixture(), samples)).toBeNull();
  });

  it('drops samples older than 15 seconds', () => {
    const samples = appendSample([], createJobFixture(), 0);
    expect(appendSample(samples, createJobFixture(), 15_000)).toHaveLength(2);
    expect(appendSample(samples, createJobFixture(), 15_001)).toHaveLength(1);
  });

  it('measures the whole job once it has finished', () => {
    const job = createJobFixture({ status: 'completed', completed_at: '2026-11-23T10:00:03.000Z' });
    expect(jobThroughput(job, [])).toEqual({ promptsPerSecond: 2, tokensPerSecond: 50 });
    expect(jobThroughput({ ...job, started_at: null }, [])).toBeNull();
  });
});
