import { expect, it, onTestFinished, vi } from 'vitest';
import { createReadCoalescer } from './read-coalescing.ts';

function createCoalescerWith(utilizations: number[]) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const readCoalescer = createReadCoalescer(() => utilizations.shift() ?? 0);
  /** Takes one utilization sample each time. */
  const sample = (times: number) => {
    for (let turn = 0; turn < times; turn += 1) {
      vi.advanceTimersByTime(100);
      void readCoalescer.isCoalescing;
    }
  };
  /** Returns the delay of a new read in milliseconds. */
  const delayOf = () => {
    const read = vi.fn();
    readCoalescer.wait(read);
    let passedMs = 0;
    while (read.mock.calls.length === 0) {
      vi.advanceTimersByTime(1);
      passedMs += 1;
    }
    return passedMs;
  };
  return { readCoalescer, sample, delayOf, remaining: utilizations };
}

it('reads immediately while the utilization of the event loop is low', () => {
  const { readCoalescer, sample } = createCoalescerWith([0.2, 0.4]);
  sample(2);
  expect(readCoalescer.isCoalescing).toBe(false);
});

it('delays reads by at most 50 ms while the event loop is saturated, and not after its utilization drops', () => {
  const { readCoalescer, sample, delayOf } = createCoalescerWith([...Array(20).fill(0.99), ...Array(20).fill(0.1)]);
  sample(20);
  expect(readCoalescer.isCoalescing).toBe(true);
  expect(delayOf()).toBe(50);
  sample(20);
  expect(readCoalescer.isCoalescing).toBe(false);
});

it('raises the delay by 10 ms for a high sample and lowers it by 5 ms for a low one', () => {
  const { sample, delayOf } = createCoalescerWith([0.71, 0.71, 0.49]);
  sample(1);
  expect(delayOf()).toBe(10);
  sample(1);
  expect(delayOf()).toBe(20);
  sample(1);
  expect(delayOf()).toBe(15);
});

it('keeps the delay while samples are between the thresholds, bounds included', () => {
  const { readCoalescer, sample, delayOf } = createCoalescerWith([0.9, ...Array(10).fill(0.6), 0.7, 0.5]);
  sample(13);
  expect(readCoalescer.isCoalescing).toBe(true);
  expect(delayOf()).toBe(10);
});

it('samples the utilization at most once every 100 ms', () => {
  const { readCoalescer, sample, remaining } = createCoalescerWith([0.9, 0.9, 0.9]);
  sample(1);
  for (let turn = 0; turn < 50; turn += 1) void readCoalescer.isCoalescing;
  vi.advanceTimersByTime(99);
  void readCoalescer.isCoalescing;
  expect(remaining).toHaveLength(2);
});

it('shares one timer among all waiting reads and stops it after the last one', () => {
  const { readCoalescer, sample } = createCoalescerWith(Array(3).fill(0.9));
  sample(3);
  for (let waiting = 0; waiting < 100; waiting += 1) readCoalescer.wait(() => {});
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(30);
  expect(vi.getTimerCount()).toBe(0);
});

it('keeps the timer while a read still waits', () => {
  const { readCoalescer, sample } = createCoalescerWith([0.9]);
  sample(1);
  const late = vi.fn();
  readCoalescer.wait(() => {});
  vi.advanceTimersByTime(5);
  readCoalescer.wait(late);
  vi.advanceTimersByTime(5);
  expect(late).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5);
  expect(late).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

it('measures the event loop of its own process by default', () => {
  expect(typeof createReadCoalescer().isCoalescing).toBe('boolean');
});
