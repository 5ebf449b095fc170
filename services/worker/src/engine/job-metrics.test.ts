import { createMetrics } from '@prodigon/platform';
import type { ItemOutcome, LeasedItem, QueueDepth } from '@prodigon/ports';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJobMetrics } from './job-metrics.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const DEPTH: QueueDepth = { waiting: 3, running: 2, oldestMs: 4_500, workers: [] };
const item = (waitMs: number, attempt = 1) => ({ waitMs, attempt }) as LeasedItem;
const succeeded = (latencyMs: number) => ({ type: 'succeeded', latencyMs }) as ItemOutcome;

function setUp() {
  const metrics = createMetrics();
  const jobs = createJobMetrics(metrics);
  /** Returns the samples of the endpoint that are not 0 and whose name starts with `prefix`, without buckets. */
  async function samples(prefix: string): Promise<string[]> {
    const lines = (await metrics.registry.metrics()).split('\n');
    return lines.filter((line) => line.startsWith(prefix) && !line.includes('_bucket') && !line.endsWith(' 0'));
  }
  return { jobs, samples };
}

describe('throughput of a worker', () => {
  it('is measured over windows of at least 250 ms', () => {
    const { jobs } = setUp();
    for (let count = 0; count < 5; count += 1) jobs.recordEnd();
    vi.advanceTimersByTime(249);
    expect(jobs.itemsPerSecond).toBe(0);
    vi.advanceTimersByTime(1);
    expect(jobs.itemsPerSecond).toBe(20);
  });

  it('keeps its value during the next window and counts that window from zero', () => {
    const { jobs } = setUp();
    for (let count = 0; count < 5; count += 1) jobs.recordEnd();
    vi.advanceTimersByTime(250);
    expect(jobs.itemsPerSecond).toBe(20);
    jobs.recordEnd();
    vi.advanceTimersByTime(249);
    expect(jobs.itemsPerSecond).toBe(20);
    vi.advanceTimersByTime(251);
    expect(jobs.itemsPerSecond).toBe(2);
  });
});

describe('metrics of a worker', () => {
  it('count claimed items, and the wait of first attempts only, in seconds', async () => {
    const { jobs, samples } = setUp();
    jobs.recordClaim([item(1_500), item(500), item(90_000, 2)]);
    expect(await samples('job_items_claimed_total')).toEqual(['job_items_claimed_total 3']);
    expect(await samples('job_item_wait_seconds')).toEqual(['job_item_wait_seconds_sum 2', 'job_item_wait_seconds_count 2']);
    expect(jobs.toActivity(DEPTH)).toMatchObject({ claimed_total: 3, wait_ms: { p50: 500, p95: 1_500 } });
  });

  it('count results by outcome, and the run time of successes in seconds', async () => {
    const { jobs, samples } = setUp();
    const error = { code: 'INFERENCE_ERROR', message: 'It broke.' } as const;
    for (const outcome of [
      succeeded(2_000),
      succeeded(1_000),
      { type: 'failed', error, latencyMs: 70_000 },
      { type: 'retry', error, delayMs: 1, latencyMs: 80_000 },
      { type: 'requeued' },
      { type: 'delayed', delayMs: 1 },
    ] satisfies ItemOutcome[])
      jobs.recordResult(outcome, false);
    expect(await samples('job_items_settled_total')).toEqual(
      ['succeeded"} 2', 'failed"} 1', 'retry"} 1', 'released"} 1', 'postponed"} 1'].map(
        (rest) => `job_items_settled_total{outcome="${rest}`,
      ),
    );
    expect(await samples('job_item_run_seconds')).toEqual(['job_item_run_seconds_sum 3', 'job_item_run_seconds_count 2']);
    expect(jobs.toActivity(DEPTH)).toMatchObject({
      succeeded_total: 2,
      failed_total: 1,
      retries_total: 1,
      run_ms: { p50: 1_000, p95: 2_000 },
    });
  });

  it('count a rejected result as refused only', async () => {
    const { jobs, samples } = setUp();
    jobs.recordResult(succeeded(1), true);
    expect(await samples('job_writes_refused_total')).toEqual(['job_writes_refused_total 1']);
    expect(await samples('job_items_settled_total')).toEqual([]);
    expect(jobs.toActivity(DEPTH)).toMatchObject({ succeeded_total: 0, run_ms: null });
  });

  it('report the depth of the queue, with the age of the oldest job in seconds', async () => {
    const { jobs, samples } = setUp();
    jobs.recordDepth(DEPTH);
    expect(await samples('job_items_waiting')).toEqual(['job_items_waiting 3']);
    expect(await samples('job_items_running')).toEqual(['job_items_running 2']);
    expect(await samples('job_oldest_age_seconds')).toEqual(['job_oldest_age_seconds 4.5']);
  });

  it('add up the expired leases', async () => {
    const { jobs, samples } = setUp();
    jobs.recordLeaseExpiries(2);
    jobs.recordLeaseExpiries(3);
    expect(await samples('job_lease_expiries_total')).toEqual(['job_lease_expiries_total 5']);
    expect(jobs.toActivity(DEPTH).lease_expiries_total).toBe(5);
  });
});

describe('activity of a worker', () => {
  it('starts at zero and includes the depth of the queue', () => {
    const workers = [{ name: 'worker-1', running: 2, lastSeenMs: 40 }];
    expect(setUp().jobs.toActivity({ ...DEPTH, workers })).toEqual({
      since: expect.stringMatching(/^\d{4}-.+Z$/),
      waiting: 3,
      running: 2,
      oldest_ms: 4_500,
      claimed_total: 0,
      retries_total: 0,
      lease_expiries_total: 0,
      succeeded_total: 0,
      failed_total: 0,
      wait_ms: null,
      run_ms: null,
      workers: [{ name: 'worker-1', running: 2, last_seen_ms: 40 }],
    });
  });

  it('reports whole milliseconds', () => {
    const { jobs } = setUp();
    jobs.recordResult(succeeded(10.6), false);
    expect(jobs.toActivity(DEPTH).run_ms).toEqual({ p50: 11, p95: 11 });
  });

  it('keeps the last 500 durations', () => {
    const { jobs } = setUp();
    for (let count = 1; count <= 500; count += 1) jobs.recordResult(succeeded(count <= 250 ? 1 : 90), false);
    expect(jobs.toActivity(DEPTH).run_ms?.p50).toBe(1);
  });

  it('forgets durations before the last 500', () => {
    const { jobs } = setUp();
    for (let count = 1; count <= 500; count += 1) jobs.recordResult(succeeded(count <= 26 ? 90 : 1), false);
    expect(jobs.toActivity(DEPTH).run_ms?.p95).toBe(90);
    jobs.recordResult(succeeded(1), false);
    expect(jobs.toActivity(DEPTH).run_ms?.p95).toBe(1);
  });
});
