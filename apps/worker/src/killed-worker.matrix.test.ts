import { matrixOf } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { randomPoint, seededRandom } from './seeded-random.test-support.ts';
import { LONG_TEST_MS, useWorkerProcesses, WAIT } from './worker-process-harness.test-support.ts';

const harness = useWorkerProcesses();
const [FEW_KILLS, MANY_KILLS] = [5, 20];
/** More than complete while a busy machine delays the kills: two seconds of calls. */
const PROMPTS = 400;

/** Prompts that one worker sent to the provider, and all prompts with a recorded result when it was killed. */
interface WorkerRun {
  readonly called: readonly string[];
  readonly recordedAtEnd: ReadonlySet<string>;
}

it.each(matrixOf([FEW_KILLS, MANY_KILLS], (kills) => kills === FEW_KILLS))(
  'records each result once when the worker is killed at %i points, and repeats no call with a recorded result',
  async (kills) => {
    const random = seededRandom();
    await harness.startWorker().then((worker) => worker.close());
    const runs: WorkerRun[] = [];
    let worker = await harness.startWorker();
    const batch = await harness.submit(PROMPTS, 'slow_20');
    // The later workers could repeat these calls.
    await vi.waitFor(async () => expect(await harness.recorded(batch)).not.toEqual(new Set()), WAIT);
    for (let kill = 0; kill < kills; kill += 1) {
      const callsBefore = runs.reduce((sum, { called }) => sum + called.length, 0);
      await randomPoint(random, harness.provider);
      worker.kill('SIGKILL');
      await worker.exited;
      const recordedAtEnd = await harness.recorded(batch);
      expect(recordedAtEnd.size).toBeLessThan(PROMPTS);
      const called = batch.calls().slice(callsBefore);
      runs.push({ called: called.map(({ prompt }) => prompt), recordedAtEnd });
      worker = await harness.startWorker();
    }

    await harness.expectComplete(batch);
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
