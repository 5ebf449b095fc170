import { echoOf } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { randomPoint, seededRandom } from './seeded-random.test-support.ts';
import { type Batch, LONG_TEST_MS, nameOf, useWorkerProcesses, WAIT } from './worker-process-harness.test-support.ts';

const harness = useWorkerProcesses();
const KILLS = 20;

/** Prompts that one worker sent to the provider, and all prompts with a recorded result when it was killed. */
interface WorkerRun {
  readonly called: readonly string[];
  readonly recordedAtEnd: ReadonlySet<string>;
}

async function expectComplete(batch: Batch): Promise<void> {
  const total = batch.prompts.length;
  expect(await harness.ended(batch)).toMatchObject({
    status: 'completed',
    completed_prompts: total,
    failed_prompts: 0,
    cancelled_prompts: 0,
    running_prompts: 0,
    // Seven prompt tokens and one completion token for each result, counted once.
    usage: { prompt_tokens: 7 * total, completion_tokens: total, total_tokens: 8 * total },
  });
  const lines = await harness.results(batch);
  expect(lines.map(({ index, response }) => [index, response?.body.text])).toEqual(
    batch.prompts.map((prompt, index) => [index, echoOf(prompt)]),
  );
}

it(
  'records each result once when the worker is killed at twenty points, and repeats no call with a recorded result',
  async () => {
    const random = seededRandom();
    await harness.startWorker().then((worker) => worker.close());
    const runs: WorkerRun[] = [];
    let worker = await harness.startWorker();
    const batch = await harness.submit(100, 'slow_20');
    for (let kill = 0; kill < KILLS; kill += 1) {
      const callsBefore = runs.reduce((sum, { called }) => sum + called.length, 0);
      await randomPoint(random, harness.provider);
      worker.kill('SIGKILL');
      await worker.exited;
      const recordedAtEnd = await harness.recorded(batch);
      expect(recordedAtEnd.size).toBeLessThan(100);
      const called = batch.calls().slice(callsBefore);
      runs.push({ called: called.map(({ prompt }) => prompt), recordedAtEnd });
      worker = await harness.startWorker();
    }

    await expectComplete(batch);
    const lastCalled = batch.calls().slice(runs.reduce((sum, { called }) => sum + called.length, 0));
    const called = [...runs.map((run) => run.called), lastCalled.map(({ prompt }) => prompt)];
    for (const [index, { recordedAtEnd }] of runs.entries()) {
      const calledLater = called.slice(index + 1).flat();
      expect(calledLater.filter((prompt) => recordedAtEnd.has(prompt))).toEqual([]);
    }
    for (const prompt of batch.prompts) {
      const inFlightAtKills = runs.filter((run) => run.called.includes(prompt) && !run.recordedAtEnd.has(prompt)).length;
      const times = called.flat().filter((calledPrompt) => calledPrompt === prompt).length;
      expect(times, prompt).toBeGreaterThanOrEqual(1);
      expect(times, prompt).toBeLessThanOrEqual(1 + inFlightAtKills);
    }
  },
  LONG_TEST_MS,
);

it('continues a job after a crash of its worker with the default lease, and repeats only the calls in flight', async () => {
  const env = { JOB_LEASE_MS: '30000' };
  const worker = await harness.startWorker(env);
  const batch = await harness.submit(12, 'gated');
  await harness.called(batch, 4);
  worker.kill('SIGKILL');
  await worker.exited;
  const inFlight = new Set(batch.calls().map(({ prompt }) => prompt));
  harness.provider.gate.open();
  await harness.startWorker(env);

  // Until the lease expires, the new worker processes only the other items.
  await vi.waitFor(async () => expect((await harness.recorded(batch)).size).toBe(8), WAIT);
  const name = nameOf(worker);
  const [lease] = await harness.query(
    'select extract(epoch from lease_expires_at - seen_at)::int as seconds from worker.workers where name = $1',
    [name],
  );
  expect(lease?.seconds).toBe(30);
  await harness.query("update worker.workers set lease_expires_at = now() - interval '1 ms' where name = $1", [name]);
  // A worker sweeps when it starts.
  await harness.startOtherWorker(env);
  await expectComplete(batch);
  for (const prompt of batch.prompts)
    expect(batch.calls().filter((call) => call.prompt === prompt)).toHaveLength(inFlight.has(prompt) ? 2 : 1);
});

it('completes a job of the memory queue after a crash of the worker, and repeats no call with a recorded result', async () => {
  const env = { QUEUE_TYPE: 'memory' };
  const worker = await harness.startWorker(env);
  const batch = await harness.submit(40, 'gated');
  await harness.called(batch, 4);
  harness.provider.gate.releaseOne();
  await vi.waitFor(async () => expect((await harness.recorded(batch)).size).toBe(1), WAIT);
  await harness.called(batch, 5);
  worker.kill('SIGKILL');
  await worker.exited;
  const recorded = await harness.recorded(batch);
  const callsBefore = batch.calls().length;
  harness.provider.gate.open();
  await harness.startWorker(env);
  await expectComplete(batch);
  const calledLater = batch.calls().slice(callsBefore);
  expect(calledLater.filter(({ prompt }) => recorded.has(prompt))).toEqual([]);
  expect(batch.calls()).toHaveLength(44);
});
