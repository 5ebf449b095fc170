import { beforeEach, expect, it } from 'vitest';
import { closedLoop } from './closed-loop.ts';
import { createFakeGenerator } from './fake-generator.test-support.ts';
import type { LoadPlan } from './load-plan.ts';
import { loadResult } from './load-result.test-support.ts';
import type { LoadResult } from './load-result.ts';
import { openLoop } from './open-loop.ts';
import { streamLoad } from './stream-load.ts';

const URL = 'http://127.0.0.1:1';
let fake: ReturnType<typeof createFakeGenerator>;
beforeEach(() => {
  fake = createFakeGenerator();
});

/** Completes the load and returns the plan that its generator received. */
async function planOf(load: Promise<LoadResult>): Promise<LoadPlan | undefined> {
  fake.receive({ type: 'ready' });
  fake.receive({ type: 'result', result: loadResult() });
  await load;
  return fake.sent().flatMap((message) => (message.type === 'run' ? [message.plan] : []))[0];
}

it('plans a closed loop of requests', async () => {
  const plan = await planOf(closedLoop({ url: URL, connections: 3, durationMs: 500, start: fake.start }));
  expect(plan).toMatchObject({ call: { url: URL }, schedule: { type: 'closed', connections: 3, durationMs: 500 } });
  expect(plan?.call.isStream).toBeUndefined();
});

it('plans an open loop with 500 connections by default', async () => {
  const options = { url: URL, ratePerSecond: 10, durationMs: 500, start: fake.start };
  const schedule = { type: 'open', ratePerSecond: 10, durationMs: 500 };
  expect((await planOf(openLoop(options)))?.schedule).toEqual({ ...schedule, connections: 500 });
  fake = createFakeGenerator();
  const plan = await planOf(openLoop({ ...options, connections: 2, start: fake.start }));
  expect(plan?.schedule).toEqual({ ...schedule, connections: 2 });
});

it('plans event streams that start together by default', async () => {
  const plan = await planOf(streamLoad({ url: URL, streams: 5, times: 2, start: fake.start }));
  expect(plan).toMatchObject({
    call: { url: URL, isStream: true },
    schedule: { type: 'streams', streams: 5, rampMs: 0, settleMs: 0, times: 2, durationMs: null },
  });
});

it('plans event streams with a ramp, a pause and a duration', async () => {
  const schedule = { streams: 5, rampMs: 100, settleMs: 20, durationMs: 300 };
  const plan = await planOf(streamLoad({ url: URL, ...schedule, start: fake.start }));
  expect(plan?.schedule).toEqual({ type: 'streams', times: null, ...schedule });
});
