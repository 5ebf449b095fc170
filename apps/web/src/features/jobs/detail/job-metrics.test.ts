import { describe, expect, it } from 'vitest';
import { aJob, anItem } from '../job.test-support.ts';
import { createTimingStats, throughputOf, withSample } from './job-metrics.ts';

describe('the pace', () => {
  it('is that of the last seconds while the job runs', () => {
    let samples = withSample([], aJob({ completed_prompts: 0, failed_prompts: 0 }), 0);
    samples = withSample(samples, aJob({ completed_prompts: 4, failed_prompts: 0 }), 2_000);
    expect(throughputOf(aJob(), samples)).toEqual({ promptsPerSecond: 2, tokensPerSecond: 0 });
  });

  it('is not told from a moment', () => {
    const samples = withSample(withSample([], aJob(), 0), aJob({ completed_prompts: 9 }), 200);
    expect(throughputOf(aJob(), samples)).toBeNull();
  });

  it('forgets what was long ago', () => {
    expect(withSample(withSample([], aJob(), 0), aJob(), 60_000)).toHaveLength(1);
  });

  it('is that of the whole once the job is over', () => {
    const job = aJob({ status: 'completed', completed_at: '2026-11-23T10:00:03.000Z' });
    expect(throughputOf(job, [])).toEqual({ promptsPerSecond: 2, tokensPerSecond: 50 });
    expect(throughputOf({ ...job, started_at: null }, [])).toBeNull();
  });
});

const answered = (index: number, wait_ms: number, latency_ms: number) =>
  anItem({ index, status: 'succeeded', wait_ms, latency_ms });

describe('wait against run', () => {
  it('knows nothing before the first answer', () => {
    const timings = createTimingStats();
    timings.record(anItem({ status: 'failed', wait_ms: 5, latency_ms: 5 }));
    expect(timings.summary()).toBeNull();
  });

  it('tells the middle and the slow end of both, each item once', () => {
    const timings = createTimingStats();
    for (let index = 0; index < 100; index += 1) timings.record(answered(index, index * 10, 1_000 - index));
    timings.record(answered(7, 70, 993));
    expect(timings.summary()).toEqual({ count: 100, wait: { p50: 500, p95: 950 }, run: { p50: 951, p95: 996 } });
  });

  it('does not grow with the job', () => {
    const timings = createTimingStats();
    for (let index = 0; index < 50_000; index += 1) timings.record(answered(index, 1, 1));
    expect(timings.summary()?.count).toBe(5_000);
  });
});
