import { createSeededRandom, echoOf } from '@prodigon/testing';
import { expect, it, onTestFailed, vi } from 'vitest';
import { type Batch, startWorkerHarness, WAIT } from './worker-harness.test-support.ts';

type Harness = Awaited<ReturnType<typeof startWorkerHarness>>;

const STARTS_WITHIN_MS = 1_000;
const SEED_VARIABLE = 'PRODIGON_TEST_SEED';

/**
 * Expects the job to end as cancelled with all results kept, none lost or counted twice. Then makes the workers process
 * another job. Expects no call of the cancelled job after its end, or more than one second after the cancellation.
 */
async function expectCancelled({ provider, waitForEnd, results, submit, callsOf }: Harness, batch: Batch, cancelledAt: number) {
  const job = await waitForEnd(batch);
  const endedAt = performance.now();
  const lines = await results(batch);
  const succeeded = lines.filter(({ response }) => response !== null);
  expect(job).toMatchObject({
    status: 'cancelled',
    cancelling: false,
    completed_prompts: succeeded.length,
    cancelled_prompts: batch.prompts.length - succeeded.length,
    failed_prompts: 0,
    running_prompts: 0,
  });
  expect(lines).toHaveLength(batch.prompts.length);
  for (const { index, response } of succeeded) expect(response?.body.text).toBe(echoOf(batch.prompts[index] ?? ''));
  provider.gate.open();
  expect(await waitForEnd(await submit(8, 'slow_1'))).toMatchObject({ status: 'completed' });
  const latest = Math.min(endedAt, cancelledAt + STARTS_WITHIN_MS);
  expect(callsOf(batch).filter(({ at }) => at > latest)).toEqual([]);
}

it('ends a cancelled job whose items two workers claim, and starts no item more than one second later', async () => {
  const seed = process.env[SEED_VARIABLE] ?? String(Math.floor(Math.random() * 2 ** 31));
  onTestFailed(() => void process.stderr.write(`Reproduce with ${SEED_VARIABLE}=${seed}\n`));
  const random = createSeededRandom(seed);
  const harness = await startWorkerHarness();
  harness.startWorker('worker-1');
  harness.startWorker('worker-2');
  for (let round = 0; round < 10; round += 1) {
    const batch = await harness.submit(100, 'slow_100');
    await harness.waitForCalls(batch, random.upTo(12));
    await harness.cancel(batch);
    await expectCancelled(harness, batch, performance.now());
  }
});

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
