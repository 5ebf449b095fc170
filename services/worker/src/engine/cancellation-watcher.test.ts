import type { LeaseStore } from '@prodigon/ports';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JobControl } from './cancellation-watcher.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Control over a leaseStore that answers when the test says so. */
function setUp() {
  const asked: { ids: readonly string[]; answer: (stopped: string[]) => void }[] = [];
  const stopped: string[] = [];
  const leaseStore = {
    findStoppedJobs: (ids: readonly string[]) =>
      new Promise<ReadonlySet<string>>((resolve) => asked.push({ ids, answer: (list) => resolve(new Set(list)) })),
  } as LeaseStore;
  const control = new JobControl({ leaseStore, onStopped: (jobId) => stopped.push(jobId) });
  return { control, asked, stopped };
}

it('knows of a job that has just been claimed, and not for long', () => {
  const { control } = setUp();
  control.hold('job', performance.now());
  expect(control.stateOf('job')).toBe('goes on');
  vi.advanceTimersByTime(499);
  expect(control.stateOf('job')).toBe('goes on');
  vi.advanceTimersByTime(1);
  expect(control.stateOf('job')).toBe('unknown');
});

it('takes an answer for as old as its question', async () => {
  const { control, asked } = setUp();
  control.hold('job', performance.now());
  const polled = control.poll();
  vi.advanceTimersByTime(600);
  asked[0]?.answer([]);
  await polled;
  expect(control.stateOf('job')).toBe('unknown');
  const again = control.poll();
  asked[1]?.answer([]);
  await again;
  expect(control.stateOf('job')).toBe('goes on');
});

it('tells once that a job must not go on', async () => {
  const { control, asked, stopped } = setUp();
  control.hold('job', performance.now());
  for (const turn of [0, 1]) {
    const polled = control.poll();
    asked[turn]?.answer(['job']);
    await polled;
  }
  expect(control.stateOf('job')).toBe('stopped');
  expect(stopped).toEqual(['job']);
});

it('forgets a job with its last item, so that it may be retried', async () => {
  const { control, asked } = setUp();
  control.hold('job', performance.now());
  control.hold('job', performance.now());
  const polled = control.poll();
  asked[0]?.answer(['job']);
  await polled;
  control.release('job');
  expect(control.stateOf('job')).toBe('stopped');
  control.release('job');
  expect(control.stateOf('job')).toBe('unknown');
  control.hold('job', performance.now());
  expect(control.stateOf('job')).toBe('goes on');
});

it('asks once for all, however many want to know', () => {
  const { control, asked } = setUp();
  for (const id of ['one', 'two']) control.hold(id, performance.now());
  void control.poll();
  void control.poll();
  expect(asked.map(({ ids }) => ids)).toEqual([['one', 'two']]);
});
