import { describe, expect, it } from 'vitest';
import { createItemFixture, createJobFixture } from '../job.test-support.ts';
import { appendSample, createTimingStats, jobThroughput } from './job-metrics.ts';

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

const succeeded = (index: number, wait_ms: number, latency_ms: number) =>
  createItemFixture({ index, status: 'succeeded', wait_ms, latency_ms });

describe('createTimingStats', () => {
  it('returns null before the first succeeded item', () => {
    const timings = createTimingStats();
    timings.record(createItemFixture({ status: 'failed', wait_ms: 5, latency_ms: 5 }));
    expect(timings.summary()).toBeNull();
  });

  it('returns the median and p95 of both times, counting each item once', () => {
    const timings = createTimingStats();
    for (let index = 0; index < 100; index += 1) timings.record(succeeded(index, index * 10, 1_000 - index));
    timings.record(succeeded(7, 70, 993));
    expect(timings.summary()).toEqual({ count: 100, queueTime: { p50: 490, p95: 940 }, runTime: { p50: 950, p95: 995 } });
  });

  it('keeps at most 5,000 items', () => {
    const timings = createTimingStats();
    for (let index = 0; index < 50_000; index += 1) timings.record(succeeded(index, 1, 1));
    expect(timings.summary()?.count).toBe(5_000);
  });
});
