import { expect, it, onTestFinished, vi } from 'vitest';
import { createReadCoalescer } from './read-coalescer.ts';

function createBusyLoop(shares: number[]) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const readCoalescer = createReadCoalescer(() => shares.shift() ?? 0);
  /** Looks as often as a look changes something. */
  const look = (times: number) => {
    for (let turn = 0; turn < times; turn += 1) {
      vi.advanceTimersByTime(100);
      void readCoalescer.isCoalescing;
    }
  };
  return { readCoalescer, look };
}

it('a calm process reads at once', () => {
  const { readCoalescer, look } = createBusyLoop([0.2, 0.4]);
  look(2);
  expect(readCoalescer.isCoalescing).toBe(false);
});

it('a full process reads fifty milliseconds apart at most, and at once again when it is calm', () => {
  const { readCoalescer, look } = createBusyLoop([...Array(20).fill(0.99), ...Array(20).fill(0.1)]);
  look(20);
  expect(readCoalescer.isCoalescing).toBe(true);
  const read = vi.fn();
  readCoalescer.wait(read);
  vi.advanceTimersByTime(45);
  expect(read).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5);
  expect(read).toHaveBeenCalledOnce();
  look(20);
  expect(readCoalescer.isCoalescing).toBe(false);
});

it('neither speeds up nor slows down between calm and busy', () => {
  const { readCoalescer, look } = createBusyLoop([0.9, ...Array(10).fill(0.6)]);
  look(11);
  expect(readCoalescer.isCoalescing).toBe(true);
});

it('all who wait share one timer, which ends with the last of them', () => {
  const { readCoalescer, look } = createBusyLoop(Array(3).fill(0.9));
  look(3);
  for (let waiting = 0; waiting < 100; waiting += 1) readCoalescer.wait(() => {});
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(50);
  expect(vi.getTimerCount()).toBe(0);
});

it('looks at the loop of its own process unless it is told how busy that is', () => {
  expect(typeof createReadCoalescer().isCoalescing).toBe('boolean');
});
