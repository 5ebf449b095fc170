import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createIdleTimeout } from './idle-timeout.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** Yields one byte after each delay. */
async function* bytesAfter(...delays: number[]) {
  for (const ms of delays) {
    await new Promise<void>((resolve) => setTimeout(resolve, ms));
    yield Uint8Array.of(1);
  }
}

describe('the idle timeout', () => {
  it('aborts when no byte arrives in time, counted from each byte', async () => {
    const { signal, watch } = createIdleTimeout(100, undefined);
    const bytes = watch(bytesAfter(99, 99, 1_000));
    for (let read = 0; read < 2; read += 1) {
      const next = bytes.next();
      await vi.advanceTimersByTimeAsync(99);
      expect((await next).done).toBe(false);
    }
    void bytes.next();
    await vi.advanceTimersByTimeAsync(99);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.reason).toMatchObject({ reason: 'idle', code: 'SERVICE_UNAVAILABLE', cause: 'No byte within 100 ms' });
  });

  it('does not run while the consumer processes a byte', async () => {
    const { signal, watch } = createIdleTimeout(100, undefined);
    const next = watch(bytesAfter(0, 0)).next();
    await vi.advanceTimersByTimeAsync(0);
    await next;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([signal.aborted, vi.getTimerCount()]).toEqual([false, 0]);
  });

  it('stops with the stream', async () => {
    const { signal, watch } = createIdleTimeout(100, undefined);
    const bytes = watch(bytesAfter(0));
    const reading = (async () => {
      for await (const _ of bytes);
    })();
    await vi.advanceTimersByTimeAsync(0);
    await reading;
    expect([signal.aborted, vi.getTimerCount()]).toEqual([false, 0]);
  });

  it("combines its signal with the caller's", () => {
    const outer = new AbortController();
    const { signal } = createIdleTimeout(100, outer.signal);
    outer.abort(new Error('stopped'));
    expect(signal.reason).toEqual(new Error('stopped'));
  });
});
