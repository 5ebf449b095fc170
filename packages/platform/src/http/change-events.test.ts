import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { changeEvents } from './change-events.ts';

interface Change {
  readonly ownerId: string;
  readonly jobId: string;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Collects the events of an owner. */
function setUp({ isConnected = true, ownerId = 'ada' } = {}) {
  let listener: ((change: Change | undefined) => void) | undefined;
  const changeFeed = {
    isConnected,
    subscribe(callback: (change: Change | undefined) => void) {
      listener = callback;
      return () => {
        listener = undefined;
      };
    },
  };
  const controller = new AbortController();
  const received: unknown[] = [];
  const ended = (async () => {
    const options = {
      changeFeed,
      ownerId,
      idOf: ({ jobId }: Change) => jobId,
      frameOf: JSON.stringify,
      signal: controller.signal,
    };
    for await (const frame of changeEvents(options)) received.push(JSON.parse(frame.toString()));
  })();
  return {
    received,
    ended,
    stop: () => controller.abort(),
    isSubscribed: () => listener !== undefined,
    announce: (jobId: string, of = ownerId) => listener?.({ ownerId: of, jobId }),
    announceAny: () => listener?.(undefined),
  };
}

it('sends the ids of the changed objects of the owner, at most once a second', async () => {
  const { received, announce, stop, ended, isSubscribed } = setUp();
  await vi.advanceTimersByTimeAsync(0);
  expect(received).toEqual([null]);
  for (let times = 0; times < 50; times += 1) announce('one');
  announce('two');
  announce('hidden', 'bob');
  await vi.advanceTimersByTimeAsync(999);
  expect(received).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(received).toEqual([null, ['one', 'two']]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(received).toHaveLength(2);
  announce('three');
  await vi.advanceTimersByTimeAsync(0);
  expect(received.at(-1)).toEqual(['three']);
  stop();
  await ended;
  expect(isSubscribed()).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it('sends null when it may have missed changes, or when there are too many to list', async () => {
  const { received, announce, announceAny, stop, ended } = setUp();
  await vi.advanceTimersByTimeAsync(1_000);
  announceAny();
  await vi.advanceTimersByTimeAsync(1_000);
  for (let job = 0; job <= 100; job += 1) announce(`job-${job}`);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(received.slice(0, 2)).toEqual([null, null]);
  expect(received.at(-1)).toBeNull();
  stop();
  await ended;
});

it('sends null every two seconds while changes are not announced', async () => {
  const { received, stop, ended } = setUp({ isConnected: false });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(received).toEqual([null, null, null, null]);
  stop();
  await ended;
});
