import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createEngineHarness, prefetch, tick } from './job-engine.test-support.ts';

describe('leases', () => {
  it('renews the session after a third of the lease', async () => {
    const { engine, leaseStore } = createEngineHarness({ leaseMs: 3_000 });
    engine.start();
    await tick(900);
    expect(leaseStore.renewSession).not.toHaveBeenCalled();
    await tick(400);
    expect(leaseStore.renewSession).toHaveBeenCalledTimes(1);
    await tick(5_000);
    expect(leaseStore.renewSession.mock.calls.length).toBeGreaterThanOrEqual(4);
    expect(leaseStore.openSession).toHaveBeenCalledTimes(1);
  });

  it('drops all items and opens a new session when the lease has expired', async () => {
    const { engine, add, calls, state, results, leaseStore } = createEngineHarness({ leaseMs: 3_000 });
    add(2);
    engine.start();
    await tick();
    state.isSessionExpired = true;
    await tick(1_300);
    state.isSessionExpired = false;
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(results).toEqual([]);
    const [first, second] = leaseStore.openSession.mock.calls.map(([session]) => session.id);
    expect(second).not.toBe(first);
    add(1);
    await tick();
    calls.at(-1)?.succeed();
    await tick();
    expect(results).toMatchObject([{ session: second, outcome: { type: 'succeeded' } }]);
  });

  it('starts no item while the lease is not certainly valid', async () => {
    const { engine, add, calls, leaseStore } = createEngineHarness({ leaseMs: 3_000 });
    engine.start();
    await tick();
    const renewal = Promise.withResolvers<boolean>();
    leaseStore.renewSession.mockImplementationOnce(() => renewal.promise);
    add(1);
    await tick(4_000);
    const before = calls.length;
    calls[0]?.succeed();
    add(1);
    engine.wake();
    await tick();
    expect(calls).toHaveLength(before);
    renewal.resolve(true);
    await tick();
    expect(calls).toHaveLength(before + 1);
  });
});

describe('orphaned leases', () => {
  it('requeues the leases of a claim whose response was lost', async () => {
    const { engine, add, state, outcomes, leaseStore } = createEngineHarness();
    add(2);
    engine.start();
    await tick();
    leaseStore.findHeldLeases.mockClear();
    await tick(1_000);
    expect(leaseStore.findHeldLeases).not.toHaveBeenCalled();
    state.claimError = new AppError('SERVICE_UNAVAILABLE');
    state.held = [0, 1, 7].map((index) => ({ jobId: 'job', index, lease: 1 }));
    engine.wake();
    // Both items are in flight, so the engine claims again only when one ends.
    await tick(1_000);
    expect(outcomes()).toEqual([]);
    await tick(20_000);
    expect(outcomes()).toEqual([[7, 'requeued']]);
  });

  it('checks for orphaned leases right after a failed claim', async () => {
    const { engine, state, outcomes, leaseStore } = createEngineHarness();
    engine.start();
    await tick();
    leaseStore.findHeldLeases.mockClear();
    state.claimError = new AppError('SERVICE_UNAVAILABLE');
    state.held = [{ jobId: 'job', index: 7, lease: 1 }];
    await tick(1_000);
    expect(leaseStore.findHeldLeases).toHaveBeenCalled();
    expect(outcomes()[0]).toEqual([7, 'requeued']);
  });
});

describe('graceful shutdown', () => {
  it('requeues prefetched items when the drain begins, and lets items in flight finish', async () => {
    const harness = createEngineHarness();
    const { calls, outcomes, lifecycle, claims } = harness;
    await prefetch(harness);
    const inFlight = calls.slice(-2);
    const recorded = outcomes().length;
    void lifecycle.drain();
    const claimsBefore = claims.length;
    await tick();
    const requeued = outcomes().slice(recorded);
    expect(requeued.length).toBeGreaterThan(2);
    expect(new Set(requeued.map(([, type]) => type))).toEqual(new Set(['requeued']));
    expect(inFlight.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    for (const call of inFlight) call.succeed();
    await tick();
    expect(outcomes().slice(-2)).toEqual(inFlight.map(({ prompt }) => [Number(prompt.slice(7)), 'succeeded']));
    expect(claims).toHaveLength(claimsBefore);
  });

  it('requeues items in flight and closes the session when the engine closes', async () => {
    const { engine, add, calls, outcomes, leaseStore } = createEngineHarness();
    add(2);
    engine.start();
    await tick();
    await engine.close();
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(outcomes()).toEqual([
      [0, 'requeued'],
      [1, 'requeued'],
    ]);
    expect(leaseStore.closeSession).toHaveBeenCalledTimes(1);
  });

  it('closes the engine even if the session cannot be closed', async () => {
    const { engine, leaseStore, lines } = createEngineHarness();
    engine.start();
    await tick();
    leaseStore.closeSession.mockRejectedValueOnce(new AppError('SERVICE_UNAVAILABLE'));
    await engine.close();
    expect(lines.join()).toContain('SERVICE_UNAVAILABLE');
  });
});
