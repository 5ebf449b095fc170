import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLifecycle } from './graceful-shutdown.ts';

function setUp(noticeMs?: number) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lifecycle = createLifecycle({ drainTimeoutMs: 100, graceMs: 10, ...(noticeMs !== undefined && { noticeMs }) });
  const drained = vi.fn();
  const drain = () => void lifecycle.drain().then(drained);
  return { lifecycle, drain, drained };
}

describe('draining', () => {
  it('ends immediately when no call is open', async () => {
    const { lifecycle, drain, drained } = setUp();
    expect(lifecycle.isDraining).toBe(false);
    drain();
    expect(lifecycle.isDraining).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(drained).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('accepts calls during the notice, while the process is unready, and then rejects them', async () => {
    const { lifecycle, drain, drained } = setUp(50);
    const states = () => [lifecycle.isStopping, lifecycle.isDraining];
    expect(states()).toEqual([false, false]);
    drain();
    expect(states()).toEqual([true, false]);
    const release = lifecycle.track(new AbortController());
    await vi.advanceTimersByTimeAsync(49);
    expect(states()).toEqual([true, false]);
    expect(lifecycle.draining.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(states()).toEqual([true, true]);
    expect(lifecycle.draining.aborted).toBe(true);
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(drained).toHaveBeenCalledOnce();
  });

  it.each([
    { noticeMs: 3_000, refusesAfterMs: 2_000 },
    { noticeMs: 100, refusesAfterMs: 50 },
  ])('refuses connections from $refusesAfterMs ms of a notice of $noticeMs ms on', async ({ noticeMs, refusesAfterMs }) => {
    const { lifecycle, drain } = setUp(noticeMs);
    drain();
    await vi.advanceTimersByTimeAsync(refusesAfterMs - 1);
    expect(lifecycle.refusing.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect([lifecycle.refusing.aborted, lifecycle.isDraining]).toEqual([true, false]);
  });

  it('refuses no connection without a notice', () => {
    const { lifecycle, drain } = setUp();
    drain();
    expect([lifecycle.refusing.aborted, lifecycle.isDraining]).toEqual([false, true]);
  });

  it('waits for the last open call and clears its timer', async () => {
    const { lifecycle, drain, drained } = setUp();
    const calls = [new AbortController(), new AbortController()];
    const [releaseFirst, releaseSecond] = calls.map((call) => lifecycle.track(call));
    drain();
    expect(lifecycle.activeCalls).toBe(2);
    releaseFirst?.();
    await vi.advanceTimersByTimeAsync(99);
    expect(drained).not.toHaveBeenCalled();
    releaseSecond?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(drained).toHaveBeenCalledOnce();
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    expect(lifecycle.activeCalls).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('aborts calls that exceed the timeout, with a retryable error', async () => {
    const { lifecycle, drain, drained } = setUp();
    const call = new AbortController();
    lifecycle.track(call);
    drain();
    await vi.advanceTimersByTimeAsync(99);
    expect(call.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(call.signal.reason).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 });
    expect(drained).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10);
    expect(drained).toHaveBeenCalledOnce();
  });

  it('ends as soon as the aborted calls have sent their error', async () => {
    const { lifecycle, drain, drained } = setUp();
    const call = new AbortController();
    const release = lifecycle.track(call);
    call.signal.addEventListener('abort', () => void setTimeout(release, 3));
    drain();
    await vi.advanceTimersByTimeAsync(102);
    expect(drained).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(drained).toHaveBeenCalledOnce();
  });

  it('runs once for repeated requests', () => {
    const { lifecycle } = setUp();
    expect(lifecycle.drain()).toBe(lifecycle.drain());
  });
});
