import type { JobChange, JobEventPosition, JobStore } from '@prodigon/ports';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createJobWatches } from './job-watches.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const POLL_EVERY_MS = 200;
const signal = new AbortController().signal;

/** Creates watches of a job whose state the test sets. `announce` is missing without a change feed. */
function setUp({ isAnnounced = false, status = 'pending' } = {}) {
  let listener: ((change: JobChange | undefined) => void) | undefined;
  const state = { status, sequence: 1, error: undefined as Error | undefined };
  const jobStore = {
    snapshot: vi.fn(async () => {
      if (state.error) throw state.error;
      return { job: { status: state.status, sequence: state.sequence }, running: [] };
    }),
    changes: vi.fn(async (_ownerId: string, _jobId: string, _after: JobEventPosition) => ({ changes: [], hasMore: false })),
  };
  const unsubscribe = vi.fn();
  const changeFeed = {
    isConnected: true,
    subscribe: vi.fn((callback: (change: JobChange | undefined) => void) => {
      listener = callback;
      return unsubscribe;
    }),
  };
  const watches = createJobWatches({
    jobStore: jobStore as unknown as JobStore,
    pollEveryMs: POLL_EVERY_MS,
    changeFeed: isAnnounced ? changeFeed : undefined,
  });
  return {
    watches,
    state,
    jobStore,
    changeFeed,
    unsubscribe,
    announce: (jobId?: string, ownerId = 'ada') => listener?.(jobId === undefined ? undefined : { ownerId, jobId }),
  };
}

/** Opens watches and reads their first state. */
async function open({ watches }: ReturnType<typeof setUp>, count: number, jobId = 'job') {
  const opened = Array.from({ length: count }, () => watches.open('ada', jobId));
  await Promise.all(opened.map((watch) => watch.snapshot()));
  return opened;
}

it('reads a job once for all of its watchers, and wakes them only when it has changed', async () => {
  const harness = setUp();
  const watchers = await open(harness, 150);
  const changed = vi.fn();
  for (const watch of watchers) void watch.changed(signal).then(changed);
  await vi.advanceTimersByTimeAsync(5 * POLL_EVERY_MS);
  expect(harness.jobStore.snapshot).toHaveBeenCalledTimes(6);
  expect(changed).not.toHaveBeenCalled();

  harness.state.sequence = 2;
  await vi.advanceTimersByTimeAsync(POLL_EVERY_MS);
  expect(changed).toHaveBeenCalledTimes(150);
  await Promise.all(watchers.map((watch) => watch.changes({ sequence: 1, index: 0 })));
  expect(harness.jobStore.changes).toHaveBeenCalledTimes(1);

  // Polling continues after a change.
  for (const watch of watchers) void watch.snapshot().then(() => watch.changed(signal).then(changed));
  harness.state.sequence = 3;
  await vi.advanceTimersByTimeAsync(POLL_EVERY_MS);
  expect(changed).toHaveBeenCalledTimes(300);
  for (const watch of watchers) watch.close();
  expect(vi.getTimerCount()).toBe(0);
});

it('reads an idle job rarely while its changes are announced, and soon after an announcement', async () => {
  const harness = setUp({ isAnnounced: true });
  const [watch] = await open(harness, 1);
  const changed = vi.fn();
  void watch?.changed(signal).then(changed);
  await vi.advanceTimersByTimeAsync(40 * POLL_EVERY_MS);
  expect(harness.jobStore.snapshot).toHaveBeenCalledTimes(1);

  harness.state.sequence = 2;
  harness.announce('another');
  harness.announce('job', 'bob');
  await vi.advanceTimersByTimeAsync(POLL_EVERY_MS);
  expect(changed).not.toHaveBeenCalled();
  for (let times = 0; times < 100; times += 1) harness.announce('job');
  await vi.advanceTimersByTimeAsync(POLL_EVERY_MS);
  expect(changed).toHaveBeenCalledTimes(1);
  expect(harness.jobStore.snapshot).toHaveBeenCalledTimes(2);
  watch?.close();
  expect(harness.unsubscribe).toHaveBeenCalledTimes(1);
});

it('polls at the usual pace while the feed is not connected, and reads again when it may have missed a change', async () => {
  const harness = setUp({ isAnnounced: true });
  harness.changeFeed.isConnected = false;
  const [watch] = await open(harness, 1);
  void watch?.changed(signal);
  await vi.advanceTimersByTimeAsync(2 * POLL_EVERY_MS);
  expect(harness.jobStore.snapshot).toHaveBeenCalledTimes(3);
  harness.announce(undefined);
  await vi.advanceTimersByTimeAsync(POLL_EVERY_MS);
  expect(harness.jobStore.snapshot).toHaveBeenCalledTimes(4);
  watch?.close();
});

it('ends the watchers of a job that cannot be read, and starts again for later ones', async () => {
  const harness = setUp();
  const [watch] = await open(harness, 1);
  const changed = watch?.changed(signal);
  harness.state.error = new Error('The database is unreachable');
  await vi.advanceTimersByTimeAsync(POLL_EVERY_MS);
  await changed;
  await expect(watch?.snapshot()).rejects.toThrow('unreachable');
  harness.state.error = undefined;
  const later = harness.watches.open('ada', 'job');
  expect((await later.snapshot()).job.sequence).toBe(1);
  watch?.close();
  later.close();
  expect(vi.getTimerCount()).toBe(0);
});

it('keeps the jobs of different owners apart', async () => {
  const harness = setUp();
  const watchers = ['ada', 'bob'].map((owner) => harness.watches.open(owner, 'job'));
  await Promise.all(watchers.map((watch) => watch.snapshot()));
  expect(harness.jobStore.snapshot.mock.calls).toEqual([
    ['ada', 'job'],
    ['bob', 'job'],
  ]);
  for (const watch of watchers) watch.close();
});
