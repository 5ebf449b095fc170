import { describe, expect, it } from 'vitest';
import { createEngineHarness, prefetch, tick } from './job-engine.test-support.ts';

it('fails an attempt that exceeds its timeout', async () => {
  const { engine, add, calls, outcomes, results } = createEngineHarness({ timeoutMs: 5_000 });
  add(1);
  engine.start();
  await tick();
  await tick(5_000);
  expect(calls[0]?.signal.aborted).toBe(true);
  expect(outcomes()).toEqual([[0, 'retry']]);
  expect(results[0]?.outcome).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } });
});

describe('cancellation', () => {
  it('requeues prefetched items of a stopped job and aborts its items in flight after the grace period', async () => {
    const { engine, add, calls, state, outcomes } = createEngineHarness({ cancelGraceMs: 30_000 });
    add(2, 'stopped');
    add(1, 'other');
    engine.start();
    await tick();
    state.stopped = new Set(['stopped']);
    engine.wake();
    await tick(29_000);
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    calls[1]?.succeed();
    await tick(1_500);
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(outcomes()).toEqual([
      [1, 'succeeded'],
      [0, 'requeued'],
    ]);
    expect(calls.at(-1)).toMatchObject({ prompt: 'prompt 2' });
    expect(calls.at(-1)?.signal.aborted).toBe(false);
  });

  it('checks for cancellations immediately when it is woken', async () => {
    const { engine, add, leaseStore } = createEngineHarness();
    add(1);
    engine.start();
    await tick();
    leaseStore.findStoppedJobs.mockClear();
    engine.wake();
    await tick(0);
    expect(leaseStore.findStoppedJobs).toHaveBeenCalledExactlyOnceWith(['job']);
  });

  it('starts no item of a job whose state is older than half a second', async () => {
    const harness = createEngineHarness();
    const { calls, state, leaseStore } = harness;
    await prefetch(harness);
    const query = Promise.withResolvers<Set<string>>();
    leaseStore.findStoppedJobs.mockImplementation(() => query.promise);
    await tick(600);
    const before = calls.length;
    for (const call of calls) call.succeed();
    await tick(100);
    expect(calls).toHaveLength(before);
    leaseStore.findStoppedJobs.mockImplementation(async () => state.stopped);
    query.resolve(state.stopped);
    await tick(500);
    expect(calls.length).toBeGreaterThan(before);
  });
});

describe('background tasks', () => {
  it('sweeps with the retention, counts expired leases and claims the requeued items', async () => {
    const { engine, state, leaseStore, queue, metric, lines } = createEngineHarness();
    engine.start();
    await tick();
    expect(leaseStore.sweep).toHaveBeenCalledWith({ retentionDays: 7 });
    queue.notify.mockClear();
    state.sweepReport = { requeued: 3, expiredJobs: 1, purgedJobs: 0 };
    await tick(10_000);
    expect(queue.notify).toHaveBeenCalledTimes(1);
    expect(await metric('job_lease_expiries_total')).toBe(3);
    expect(await engine.activity()).toMatchObject({ lease_expiries_total: 3 });
    expect(lines.filter((line) => line.includes('"expiredJobs":1'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('"items":3'))).toHaveLength(1);
  });

  it('logs a sweep only if it expired or deleted jobs', async () => {
    const { engine, state, lines } = createEngineHarness();
    engine.start();
    await tick();
    expect(lines).toEqual([]);
    state.sweepReport = { requeued: 0, expiredJobs: 1, purgedJobs: 1 };
    await tick(10_000);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ expiredJobs: 1, purgedJobs: 1 }]);
  });

  it('sweeps every ten seconds, or after a third of a shorter lease', async () => {
    const long = createEngineHarness({ leaseMs: 60_000 });
    long.engine.start();
    await tick(9_999);
    expect(long.leaseStore.sweep).toHaveBeenCalledTimes(1);
    await tick(1);
    expect(long.leaseStore.sweep).toHaveBeenCalledTimes(2);
    const short = createEngineHarness({ leaseMs: 3_000 });
    short.engine.start();
    await tick(999);
    expect(short.leaseStore.sweep).toHaveBeenCalledTimes(1);
    await tick(1);
    expect(short.leaseStore.sweep).toHaveBeenCalledTimes(2);
  });

  it('claims delayed items after their promotion', async () => {
    const { engine, state, queue } = createEngineHarness();
    engine.start();
    await tick();
    expect(queue.notify).not.toHaveBeenCalled();
    state.delayed = 2;
    await tick(250);
    expect(queue.notify).toHaveBeenCalledTimes(1);
  });

  it('measures the depth of the queue every two seconds', async () => {
    const { engine, leaseStore, metric } = createEngineHarness();
    engine.start();
    await tick(3_900);
    expect(leaseStore.measureDepth).toHaveBeenCalledTimes(2);
    expect(await metric('job_oldest_age_seconds')).toBe(1.5);
  });
});
