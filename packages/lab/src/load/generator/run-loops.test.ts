import { performance } from 'node:perf_hooks';
import type { Client } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Schedule } from '../load-plan.ts';
import type { Caller } from './create-caller.ts';
import { runClosedLoop } from './run-closed-loop.ts';
import { runOpenLoop } from './run-open-loop.ts';
import { runStreams } from './run-streams.ts';

interface Call {
  readonly connection: string;
  readonly intendedAt: number;
  readonly sentAt: number;
  readonly end: () => void;
}

let calls: Call[];
let caller: Caller;
let isCutOff: boolean;
let destroyed: string[];
/** The duration of each response; null for responses that tests end. */
let responseMs: number | null;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 0 });
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now());
  [calls, isCutOff, destroyed, responseMs] = [[], false, [], null];
  caller = {
    call(connection, intendedAt, end) {
      calls.push({ connection: String(connection), intendedAt, sentAt: Date.now(), end });
      if (responseMs !== null) setTimeout(end, responseMs);
    },
    cutOff() {
      isCutOff = true;
    },
  };
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const connections = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const name = `connection ${index}`;
    return { toString: () => name, destroy: () => destroyed.push(name) } as unknown as Client;
  });
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** Returns a function that tells whether the promise has resolved. */
function watch(promise: Promise<unknown>): () => boolean {
  let isDone = false;
  void promise.then(() => {
    isDone = true;
  });
  return () => isDone;
}

describe('a closed loop', () => {
  it('sends the next request of each connection when the previous response is complete', async () => {
    responseMs = 40;
    const isDone = watch(runClosedLoop(connections(2), caller, 100));
    expect(calls.map(({ connection }) => connection)).toEqual(['connection 0', 'connection 1']);
    await advance(119);
    expect(calls.map(({ intendedAt }) => intendedAt)).toEqual([0, 0, 40, 40, 80, 80]);
    expect(isDone()).toBe(false);
    await advance(1);
    expect([isDone(), calls.length]).toEqual([true, 6]);
  });

  it('sends no request when the duration is over', async () => {
    responseMs = 50;
    await Promise.all([runClosedLoop(connections(1), caller, 100), advance(200)]);
    expect(calls.map(({ sentAt }) => sentAt)).toEqual([0, 50]);
  });
});

describe('an open loop', () => {
  it('sends requests at the given rate, independent of responses', async () => {
    const isDone = watch(runOpenLoop(connections(10), caller, { ratePerSecond: 100, durationMs: 50 }));
    expect(calls).toHaveLength(1);
    await advance(39);
    expect(calls).toHaveLength(4);
    await advance(1_000);
    expect(calls.map(({ intendedAt }) => intendedAt)).toEqual([0, 10, 20, 30, 40]);
    for (const { end } of calls.slice(1)) end();
    await advance(0);
    expect(isDone()).toBe(false);
    calls[0]?.end();
    await advance(0);
    expect(isDone()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reuses a connection whose response is complete', async () => {
    responseMs = 5;
    await Promise.all([runOpenLoop(connections(1), caller, { ratePerSecond: 100, durationMs: 50 }), advance(100)]);
    expect(calls.map(({ sentAt }) => sentAt)).toEqual([0, 10, 20, 30, 40]);
  });

  it('sends a request that found no free connection later, with its intended time', async () => {
    responseMs = 25;
    await Promise.all([runOpenLoop(connections(1), caller, { ratePerSecond: 100, durationMs: 40 }), advance(200)]);
    expect(calls.map(({ intendedAt }) => intendedAt)).toEqual([0, 10, 20, 30]);
    expect(calls.map(({ sentAt }) => sentAt)).toEqual([0, 25, 50, 75]);
  });

  it('catches up after the event loop was blocked', async () => {
    const loop = runOpenLoop(connections(10), caller, { ratePerSecond: 100, durationMs: 50 });
    vi.setSystemTime(35);
    await advance(10);
    expect(calls.map(({ intendedAt }) => intendedAt)).toEqual([0, 10, 20, 30, 40]);
    for (const { end } of calls) end();
    await loop;
  });

  it('sends at least one request, and otherwise the rounded number', async () => {
    responseMs = 1;
    await Promise.all([runOpenLoop(connections(1), caller, { ratePerSecond: 100, durationMs: 1 }), advance(100)]);
    expect(calls).toHaveLength(1);
    await Promise.all([runOpenLoop(connections(1), caller, { ratePerSecond: 100, durationMs: 26 }), advance(100)]);
    expect(calls).toHaveLength(1 + 3);
  });
});

describe('a stream load', () => {
  const stopRequested = Promise.withResolvers<void>();
  let windowEvents: string[];
  beforeEach(() => {
    windowEvents = [];
  });
  const window = (stop: Promise<void> = new Promise(() => {})) => ({
    open: () => void windowEvents.push(`open at ${Date.now()}`),
    close: () => void windowEvents.push(`close at ${Date.now()}`),
    stopRequested: stop,
  });
  type StreamSchedule = Extract<Schedule, { type: 'streams' }>;
  const schedule = (changes: Partial<StreamSchedule>): StreamSchedule => ({
    ...{ type: 'streams', streams: 2, rampMs: 0, settleMs: 0, times: null, durationMs: null },
    ...changes,
  });

  it('reads each stream to its end the given number of times, with the window open from the start', async () => {
    responseMs = 30;
    const load = runStreams(connections(2), caller, schedule({ times: 3 }), window());
    expect(windowEvents).toEqual(['open at 0']);
    await Promise.all([load, advance(500)]);
    expect(calls.map(({ intendedAt }) => intendedAt)).toEqual([0, 0, 30, 30, 60, 60]);
    expect([windowEvents, isCutOff, destroyed]).toEqual([['open at 0'], false, []]);
  });

  it('spreads the start of the streams evenly over the ramp', async () => {
    responseMs = 1;
    vi.setSystemTime(1_000);
    const load = runStreams(connections(4), caller, schedule({ times: 1, rampMs: 200 }), window());
    await Promise.all([load, advance(500)]);
    expect(calls.map(({ intendedAt, sentAt }) => [intendedAt, sentAt])).toEqual([
      [1_000, 1_000],
      [1_050, 1_050],
      [1_100, 1_100],
      [1_150, 1_150],
    ]);
  });

  it('measures between the end of the ramp and the duration, then cancels all streams', async () => {
    const streams = connections(2);
    const load = runStreams(streams, caller, schedule({ rampMs: 100, settleMs: 20, durationMs: 300 }), window());
    await advance(119);
    expect(windowEvents).toEqual([]);
    await advance(300);
    expect([windowEvents, isCutOff, destroyed]).toEqual([['open at 120'], false, []]);
    await advance(1);
    expect([windowEvents, isCutOff, destroyed]).toEqual([
      ['open at 120', 'close at 420'],
      true,
      ['connection 0', 'connection 1'],
    ]);
    for (const { end } of calls) end();
    await load;
    expect(calls).toHaveLength(2);
  });

  it('reopens streams that end before the window closes', async () => {
    responseMs = 40;
    const load = runStreams(connections(1), caller, schedule({ durationMs: 100 }), window());
    await Promise.all([load, advance(500)]);
    expect(calls.map(({ intendedAt }) => intendedAt)).toEqual([0, 40, 80]);
  });

  it('measures without a duration until the parent process asks to stop', async () => {
    responseMs = 1_000;
    const load = runStreams(connections(1), caller, schedule({}), window(stopRequested.promise));
    await advance(5_500);
    expect(windowEvents).toEqual(['open at 0']);
    stopRequested.resolve();
    await Promise.all([load, advance(1_000)]);
    expect(windowEvents).toEqual(['open at 0', 'close at 5500']);
  });
});
