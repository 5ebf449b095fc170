import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { sleep } from './sleep.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

it('resolves after the given time', async () => {
  const done = vi.fn();
  void sleep(100).then(done);
  await vi.advanceTimersByTimeAsync(99);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toHaveBeenCalledOnce();
});

it('rejects with the reason of the signal and stops its timer', async () => {
  const controller = new AbortController();
  const sleeping = sleep(100, controller.signal);
  const rejected = expect(sleeping).rejects.toThrow('stopped');
  controller.abort(new Error('stopped'));
  await rejected;
  expect(vi.getTimerCount()).toBe(0);
});

it('throws immediately when the signal is aborted, without a timer', () => {
  expect(() => sleep(100, AbortSignal.abort(new Error('stopped')))).toThrow('stopped');
  expect(vi.getTimerCount()).toBe(0);
});

it('removes its listener from the signal', async () => {
  const { signal } = new AbortController();
  const remove = vi.spyOn(signal, 'removeEventListener');
  const sleeping = sleep(100, signal);
  await vi.advanceTimersByTimeAsync(100);
  await sleeping;
  expect(remove).toHaveBeenCalledOnce();
});
