import { describe, expect, it } from 'vitest';
import { anItem } from '../job.test-support.ts';
import { createTimings } from './timings.ts';

const answered = (index: number, wait_ms: number, latency_ms: number) =>
  anItem({ index, status: 'succeeded', wait_ms, latency_ms });

describe('wait against run', () => {
  it('knows nothing before the first answer', () => {
    const timings = createTimings();
    timings.record(anItem({ status: 'failed', wait_ms: 5, latency_ms: 5 }));
    expect(timings.summary()).toBeNull();
  });

  it('tells the middle and the slow end of both, each item once', () => {
    const timings = createTimings();
    for (let index = 0; index < 100; index += 1) timings.record(answered(index, index * 10, 1_000 - index));
    timings.record(answered(7, 70, 993));
    expect(timings.summary()).toEqual({ count: 100, wait: { p50: 500, p95: 950 }, run: { p50: 951, p95: 996 } });
  });

  it('does not grow with the job', () => {
    const timings = createTimings();
    for (let index = 0; index < 50_000; index += 1) timings.record(answered(index, 1, 1));
    expect(timings.summary()?.count).toBe(5_000);
  });
});
