import { setTimeout as wait } from 'node:timers/promises';
import { echoOf } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { seededRandom } from './seeded-random.test-support.ts';
import { type Batch, useJobWorld, WAIT } from './worker-harness.test-support.ts';

const world = useJobWorld();
const BEGINS_WITHIN_MS = 1_000;

/** Resolves with when the caller knew of it, on the clock of the provider's calls. */
async function cancel({ jobId }: Batch): Promise<number> {
  await world.api.jobs.cancel(jobId);
  return performance.now();
}

/**
 * No call of the job begins later than the promise allows. Waits until one would be seen: beyond that time, and
 * until the workers have gone on to a later job.
 */
async function expectNoLateCall(batch: Batch, cancelledAt: number): Promise<void> {
  await wait(Math.max(0, cancelledAt + BEGINS_WITHIN_MS + 500 - performance.now()));
  world.provider.gate.open();
  expect(await world.ended(await world.submit(8, 'slow_1'))).toMatchObject({ status: 'completed' });
  expect(batch.calls().filter(({ at }) => at > cancelledAt + BEGINS_WITHIN_MS)).toEqual([]);
}

/** Ended as cancelled; what has an answer keeps it, and nothing is counted twice or lost. */
async function expectCancelled(batch: Batch): Promise<void> {
  const job = await world.ended(batch);
  const lines = await world.results(batch);
  const answered = lines.filter(({ response }) => response !== null);
  expect(job).toMatchObject({
    status: 'cancelled',
    cancelling: false,
    completed_prompts: answered.length,
    cancelled_prompts: batch.prompts.length - answered.length,
    failed_prompts: 0,
    running_prompts: 0,
  });
  expect(lines).toHaveLength(batch.prompts.length);
  for (const { index, response } of answered) expect(response?.body.text).toBe(echoOf(batch.prompts[index] ?? ''));
}

it('a job that is cancelled while its prompts are being taken ends, and nothing of it begins a second later', async () => {
  const random = seededRandom();
  await world.startWorker();
  await world.startOtherWorker();
  for (let round = 0; round < 10; round += 1) {
    const batch = await world.submit(100, 'slow_100');
    await wait(random.upTo(60));
    const cancelledAt = await cancel(batch);
    await expectCancelled(batch);
    await expectNoLateCall(batch, cancelledAt);
  }
}, 180_000);

it('a job that is cancelled while its prompts wait to be tried again ends at once, and none is tried again', async () => {
  await world.startWorker();
  const batch = await world.submit(6, 'limited_3');
  await vi.waitFor(async () => {
    const items = await world.items(batch);
    expect(items.map(({ status }) => status)).toEqual(Array(6).fill('retrying'));
  }, WAIT);
  const due = Math.max(...(await world.items(batch)).map(({ next_attempt_at }) => Date.parse(next_attempt_at ?? '')));
  // Those that came when the limit was known have not been asked at all.
  const asked = batch.calls().length;
  const cancelledAt = await cancel(batch);
  await expectCancelled(batch);
  await wait(Math.max(0, due - Date.now()));
  await expectNoLateCall(batch, cancelledAt);
  expect(batch.calls()).toHaveLength(asked);
});

it('a job that is cancelled with its last prompt in flight keeps that answer too, and ends cancelled', async () => {
  await world.startWorker();
  const batch = await world.submit(3, 'gated');
  await world.asked(batch, 3);
  world.provider.gate.releaseOne();
  world.provider.gate.releaseOne();
  await vi.waitFor(async () => expect((await world.recorded(batch)).size).toBe(2), WAIT);
  await cancel(batch);
  expect(await world.api.jobs.get(batch.jobId)).toMatchObject({ status: 'running', cancelling: true, running_prompts: 1 });
  // Saying it twice changes nothing.
  const cancelledAt = await cancel(batch);
  world.provider.gate.open();
  await expectCancelled(batch);
  await expectNoLateCall(batch, cancelledAt);
  const ended = await world.api.jobs.get(batch.jobId);
  expect(ended).toMatchObject({ completed_prompts: 3, cancelled_prompts: 0 });
  expect(await world.api.jobs.cancel(batch.jobId)).toEqual({ ...ended, results: undefined });
});

it('of a job that two workers share, none begins anything a second after it was cancelled', async () => {
  await world.startWorker();
  await world.startOtherWorker();
  const batch = await world.submit(40, 'gated');
  await world.asked(batch, 8);
  const cancelledAt = await cancel(batch);
  world.provider.gate.open();
  await expectCancelled(batch);
  await expectNoLateCall(batch, cancelledAt);
  expect(await world.api.jobs.get(batch.jobId)).toMatchObject({ completed_prompts: 8, cancelled_prompts: 32 });
});

it.each([
  { what: 'and wakes up with its lease', leaseMs: '60000' },
  { what: 'and wakes up without its lease', leaseMs: '1000' },
])(
  'a job is cancelled while a worker that holds prompts of it is stopped $what: it begins none of them',
  async ({ leaseMs }) => {
    await (await world.startWorker()).close();
    const sleeper = await world.startOtherWorker({ JOB_LEASE_MS: leaseMs });
    const api = await world.startWorker({ JOB_CONCURRENCY: '1' });
    const batch = await world.submit(3_000, 'gated');
    await world.hoarding(sleeper, batch, 4 + 1);
    sleeper.kill('SIGSTOP');
    const cancelledAt = await cancel(batch);
    await wait(BEGINS_WITHIN_MS + 500);
    // Its answers wait for it in its sockets: the places that they free are what it could begin something on.
    world.provider.gate.open();
    sleeper.kill('SIGCONT');
    await expectCancelled(batch);
    await expectNoLateCall(batch, cancelledAt);
    expect(await Promise.race([sleeper.exited, api.exited, 'they run'])).toBe('they run');
  },
  180_000,
);
