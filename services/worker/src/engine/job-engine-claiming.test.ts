import { AppError } from '@prodigon/contracts';
import { ServiceUnreachableError } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createEngineHarness, tick } from './job-engine.test-support.ts';

const OTHERS = { waiting: 0, running: 3, oldestMs: 1_500, workers: [] };

describe('claims', () => {
  it('keeps as many items in flight as the concurrency allows', async () => {
    const { engine, add, calls, claims, outcomes } = createEngineHarness();
    add(5);
    engine.start();
    await tick();
    expect(calls.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1']);
    expect(claims[0]?.max).toBe(2);
    calls[0]?.succeed();
    await tick();
    expect(calls.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1', 'prompt 2']);
    expect(claims.at(-1)?.max).toBe(1);
    expect(outcomes()).toEqual([[0, 'succeeded']]);
  });

  it('claims new items immediately when it is woken', async () => {
    const { engine, add, calls, queue } = createEngineHarness();
    engine.start();
    await tick(1);
    add(1);
    engine.wake();
    await tick(0);
    expect(queue.notify).toHaveBeenCalledTimes(1);
    expect(calls).toHaveLength(1);
  });

  it('polls the queue every 250 ms', async () => {
    const { engine, claims, leaseStore } = createEngineHarness();
    engine.start();
    await tick(249);
    expect([claims.length, leaseStore.promoteDelayed.mock.calls.length]).toEqual([1, 1]);
    await tick(1);
    expect([claims.length, leaseStore.promoteDelayed.mock.calls.length]).toEqual([2, 2]);
  });

  describe('of an idle worker', () => {
    const countsOf = ({ claims, leaseStore }: ReturnType<typeof createEngineHarness>) =>
      [claims, leaseStore.promoteDelayed.mock.calls, leaseStore.requeueOrphaned.mock.calls].map(({ length }) => length);

    async function startIdleEngine() {
      const harness = createEngineHarness();
      harness.engine.start();
      await tick(10_000);
      return harness;
    }

    it('poll the database a quarter as often', async () => {
      const harness = await startIdleEngine();
      const before = countsOf(harness);
      await tick(8_000);
      expect(countsOf(harness).map((count, index) => count - (before[index] ?? 0))).toEqual([8, 8, 2]);
    });

    it.each<[string, (harness: ReturnType<typeof createEngineHarness>) => void]>([
      ['it is woken', ({ engine }) => engine.wake()],
      ['another worker has unfinished items', ({ leaseStore }) => leaseStore.measureDepth.mockResolvedValue(OTHERS)],
      ['it has claimed an item', ({ add }) => add(1)],
    ])('are as frequent as before when %s', async (_event, work) => {
      const harness = await startIdleEngine();
      work(harness);
      await tick(2_500);
      const before = harness.claims.length;
      await tick(1_000);
      expect(harness.claims.length - before).toBe(4);
    });

    it('are as frequent as before when a claim fails', async () => {
      const { state, leaseStore, claims } = await startIdleEngine();
      state.claimError = new AppError('SERVICE_UNAVAILABLE');
      leaseStore.measureDepth.mockRejectedValue(state.claimError);
      await tick(1_000);
      state.claimError = undefined;
      await tick(2_000);
      const before = claims.length;
      await tick(1_000);
      expect(claims.length - before).toBe(4);
    });
  });

  it('does not query the queue while no capacity is free', async () => {
    const { engine, add, claims } = createEngineHarness();
    add(2);
    engine.start();
    await tick(1_000);
    expect(claims).toHaveLength(1);
  });

  it('prefetches items that end faster than one claim takes', async () => {
    const { engine, add, claims, state, leaseStore } = createEngineHarness();
    state.isModelInstant = true;
    add(2_000);
    engine.start();
    await tick(1_000);
    expect(Math.max(...claims.map(({ max }) => max))).toBeGreaterThan(10);
    expect(leaseStore.openSession).toHaveBeenCalledTimes(1);
  });

  it('does not prefetch slow items', async () => {
    const { engine, add, claims, calls } = createEngineHarness();
    add(20);
    engine.start();
    for (let round = 0; round < 5; round += 1) {
      await tick(1_000);
      for (const call of calls) call.succeed();
    }
    expect(Math.max(...claims.map(({ max }) => max))).toBe(2);
  });

  it('stops claiming while too many results are not recorded', async () => {
    const { engine, add, claims, state } = createEngineHarness({ concurrency: 2_001 });
    state.isModelInstant = true;
    state.recordError = new AppError('SERVICE_UNAVAILABLE');
    add(6_000);
    engine.start();
    await tick(1_000);
    const claimsWhileFull = claims.length;
    await tick(5_000);
    expect(claims).toHaveLength(claimsWhileFull);
    state.recordError = undefined;
    await tick(5_000);
    expect(claims.length).toBeGreaterThan(claimsWhileFull);
  });

  it('retries a claim after an error of the store', async () => {
    const { engine, add, calls, state, lines } = createEngineHarness();
    add(1);
    state.claimError = new AppError('SERVICE_UNAVAILABLE');
    engine.start();
    await tick(5_000);
    expect(calls).toEqual([]);
    expect(lines.filter((line) => line.includes('Background task failed'))).toHaveLength(1);
    state.claimError = undefined;
    await tick(3_000);
    expect(calls).toHaveLength(1);
    expect(lines.filter((line) => line.includes('Background task recovered'))).toHaveLength(1);
  });
});

describe('backoff', () => {
  it('requeues items and doubles the backoff while the model service is unreachable', async () => {
    const { engine, add, calls, claims, lines, outcomes } = createEngineHarness({ concurrency: 1 });
    add(1);
    engine.start();
    await tick(1);
    const backoffs: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      calls.at(-1)?.fail(new ServiceUnreachableError('The model service cannot be reached.'));
      await tick(1);
      const failedAt = performance.now();
      const before = claims.length;
      add(1);
      while (claims.length === before) await tick(10);
      await tick(1);
      backoffs.push(performance.now() - failedAt);
    }
    expect(backoffs.map((ms) => Math.floor(ms / 500) * 500)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000]);
    expect(new Set(outcomes().map(([, type]) => type))).toEqual(new Set(['requeued']));
    expect(lines.filter((line) => line.includes('The model service is unreachable'))).toHaveLength(6);
    calls.at(-1)?.succeed();
    await tick();
    add(1);
    await tick();
    calls.at(-1)?.fail(new ServiceUnreachableError('The model service cannot be reached.'));
    await tick(1);
    expect(lines.at(-1)).toContain('"backoffMs":500');
  });
});
