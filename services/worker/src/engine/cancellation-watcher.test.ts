import type { LeaseStore } from '@prodigon/ports';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createCancellationWatcher } from './cancellation-watcher.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Creates a watcher over a store whose queries the test resolves. */
function setUp() {
  const queries: { ids: readonly string[]; respond: (stopped: string[]) => void }[] = [];
  const stopped: string[] = [];
  const leaseStore = {
    findStoppedJobs: (ids: readonly string[]) =>
      new Promise<ReadonlySet<string>>((resolve) => queries.push({ ids, respond: (list) => resolve(new Set(list)) })),
  } as LeaseStore;
  const watcher = createCancellationWatcher({ leaseStore, onStopped: (jobId) => stopped.push(jobId) });
  return { watcher, queries, stopped };
}

it('treats a claimed job as active for half a second', () => {
  const { watcher } = setUp();
  watcher.hold('job', performance.now());
  expect(watcher.stateOf('job')).toBe('active');
  vi.advanceTimersByTime(499);
  expect(watcher.stateOf('job')).toBe('active');
  vi.advanceTimersByTime(1);
  expect(watcher.stateOf('job')).toBe('unknown');
});

it('measures the age of a job state from the time of the query', async () => {
  const { watcher, queries } = setUp();
  watcher.hold('job', performance.now());
  const polled = watcher.poll();
  vi.advanceTimersByTime(600);
  queries[0]?.respond([]);
  await polled;
  expect(watcher.stateOf('job')).toBe('unknown');
  const again = watcher.poll();
  queries[1]?.respond([]);
  await again;
  expect(watcher.stateOf('job')).toBe('active');
});

it('reports a stopped job once', async () => {
  const { watcher, queries, stopped } = setUp();
  watcher.hold('job', performance.now());
  for (const turn of [0, 1]) {
    const polled = watcher.poll();
    queries[turn]?.respond(['job']);
    await polled;
  }
  expect(watcher.stateOf('job')).toBe('stopped');
  expect(stopped).toEqual(['job']);
});

it('forgets a job when its last item is released, so that a retried job is active', async () => {
  const { watcher, queries } = setUp();
  watcher.hold('job', performance.now());
  watcher.hold('job', performance.now());
  const polled = watcher.poll();
  queries[0]?.respond(['job']);
  await polled;
  watcher.release('job');
  expect(watcher.stateOf('job')).toBe('stopped');
  watcher.release('job');
  expect(watcher.stateOf('job')).toBe('unknown');
  watcher.hold('job', performance.now());
  expect(watcher.stateOf('job')).toBe('active');
});

it('shares one query between concurrent polls', () => {
  const { watcher, queries } = setUp();
  for (const id of ['one', 'two']) watcher.hold(id, performance.now());
  void watcher.poll();
  void watcher.poll();
  expect(queries.map(({ ids }) => ids)).toEqual([['one', 'two']]);
});

it('sends no query without held jobs', async () => {
  const { watcher, queries } = setUp();
  await watcher.poll();
  expect(queries).toEqual([]);
});

it('keeps the latest claim as the state of a job', () => {
  const { watcher } = setUp();
  watcher.hold('job', performance.now());
  watcher.hold('job', Number.NEGATIVE_INFINITY);
  expect(watcher.stateOf('job')).toBe('active');
  watcher.release('other');
  watcher.release('job');
  expect(watcher.stateOf('job')).toBe('active');
});
