import { expect, it, vi } from 'vitest';
import { expectCancelled } from './job-cancellation.test-support.ts';
import { startWorkerHarness, WAIT } from './worker-harness.test-support.ts';

it('ends a cancelled job immediately when its items wait for a retry, and retries none', async () => {
  const harness = await startWorkerHarness();
  const { startWorker, submit, items, cancel, get, callsOf, makeRetriesDue } = harness;
  startWorker();
  const batch = await submit(6, 'limited_60');
  await vi.waitFor(async () => {
    expect((await items(batch)).map(({ status }) => status)).toEqual(Array(6).fill('retrying'));
  }, WAIT);
  // Items that were claimed after the first 429 caused no call.
  const callsBefore = callsOf(batch).length;
  expect(await cancel(batch)).toMatchObject({ status: 'cancelled', cancelled_prompts: 6 });
  const cancelledAt = performance.now();
  await makeRetriesDue(batch);
  await expectCancelled(harness, batch, cancelledAt);
  expect(await get(batch)).toMatchObject({ cancelled_prompts: 6 });
  expect(callsOf(batch)).toHaveLength(callsBefore);
});

it('keeps the result of the last item in flight of a cancelled job, and ends the job as cancelled', async () => {
  const harness = await startWorkerHarness();
  const { provider, startWorker, submit, waitForCalls, items, cancel, get } = harness;
  provider.gate.close();
  startWorker();
  const batch = await submit(3, 'gated');
  await waitForCalls(batch, 3);
  provider.gate.releaseOne();
  provider.gate.releaseOne();
  await vi.waitFor(async () => {
    expect((await items(batch)).filter(({ status }) => status === 'succeeded')).toHaveLength(2);
  }, WAIT);
  expect(await cancel(batch)).toMatchObject({ status: 'running', cancelling: true, running_prompts: 1 });
  expect(await cancel(batch)).toMatchObject({ status: 'running', cancelling: true, running_prompts: 1 });
  const cancelledAt = performance.now();
  provider.gate.open();
  await expectCancelled(harness, batch, cancelledAt);
  const job = await get(batch);
  expect(job).toMatchObject({ completed_prompts: 3, cancelled_prompts: 0 });
  expect(await cancel(batch)).toEqual({ ...job, results: undefined });
});

it('starts no item of a cancelled job on any of the workers that share it', async () => {
  const harness = await startWorkerHarness();
  const { provider, startWorker, submit, waitForCalls, cancel, get } = harness;
  provider.gate.close();
  startWorker('worker-1');
  startWorker('worker-2');
  const batch = await submit(40, 'gated');
  await waitForCalls(batch, 8);
  await cancel(batch);
  const cancelledAt = performance.now();
  provider.gate.open();
  await expectCancelled(harness, batch, cancelledAt);
  const { completed_prompts: completed, cancelled_prompts: cancelled } = await get(batch);
  expect([completed, cancelled]).toEqual([8, 32]);
});
