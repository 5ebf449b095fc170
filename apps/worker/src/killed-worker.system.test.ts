import { echoOf, type SeededRandom } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { seededRandom } from './seeded-random.test-support.ts';
import { type Batch, LONG_TEST_MS, useJobWorld, WAIT } from './worker-harness.test-support.ts';

const world = useJobWorld();
const KILLS = 20;

/** Resolves at once after some of the provider's next events, or a few milliseconds later. */
async function somewhereAhead(random: SeededRandom): Promise<void> {
  let events = random.upTo(5);
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = world.provider.watch(() => --events <= 0 && resolve());
  if (events === 0) resolve();
  await promise;
  stop();
  const delayMs = random.upTo(24) - 12;
  if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
}

/** What was asked while one worker lived, and what was recorded when it was killed. */
interface Life {
  readonly asked: readonly string[];
  readonly recordedAtEnd: ReadonlySet<string>;
}

async function expectWhole(batch: Batch): Promise<void> {
  const total = batch.prompts.length;
  expect(await world.ended(batch)).toMatchObject({
    status: 'completed',
    completed_prompts: total,
    failed_prompts: 0,
    cancelled_prompts: 0,
    running_prompts: 0,
    // Of each answer seven for its prompt and one for itself, counted once.
    usage: { prompt_tokens: 7 * total, completion_tokens: total, total_tokens: 8 * total },
  });
  const lines = await world.results(batch);
  expect(lines.map(({ index, response }) => [index, response?.body.text])).toEqual(
    batch.prompts.map((prompt, index) => [index, echoOf(prompt)]),
  );
}

it(
  'whose worker is killed at twenty points, a job gets each answer once, and no prompt with a recorded answer is asked again',
  async () => {
    const random = seededRandom();
    await world.startWorker().then((worker) => worker.close());
    const lives: Life[] = [];
    let worker = await world.startWorker();
    const batch = await world.submit(100, 'slow_20');
    for (let kill = 0; kill < KILLS; kill += 1) {
      const callsBefore = lives.reduce((sum, { asked }) => sum + asked.length, 0);
      await somewhereAhead(random);
      worker.kill('SIGKILL');
      await worker.exited;
      const recordedAtEnd = await world.recorded(batch);
      expect(recordedAtEnd.size).toBeLessThan(100);
      const asked = batch.calls().slice(callsBefore);
      lives.push({ asked: asked.map(({ prompt }) => prompt), recordedAtEnd });
      worker = await world.startWorker();
    }

    await expectWhole(batch);
    const lastAsked = batch.calls().slice(lives.reduce((sum, { asked }) => sum + asked.length, 0));
    const asked = [...lives.map((life) => life.asked), lastAsked.map(({ prompt }) => prompt)];
    for (const [index, { recordedAtEnd }] of lives.entries()) {
      const askedAgain = asked.slice(index + 1).flat();
      expect(askedAgain.filter((prompt) => recordedAtEnd.has(prompt))).toEqual([]);
    }
    for (const prompt of batch.prompts) {
      const inFlightAtKills = lives.filter((life) => life.asked.includes(prompt) && !life.recordedAtEnd.has(prompt)).length;
      const times = asked.flat().filter((each) => each === prompt).length;
      expect(times, prompt).toBeGreaterThanOrEqual(1);
      expect(times, prompt).toBeLessThanOrEqual(1 + inFlightAtKills);
    }
  },
  LONG_TEST_MS,
);

it(
  'with the lease that is the default, a job goes on when its worker is killed, and what was in flight is asked once more',
  async () => {
    const env = { JOB_LEASE_MS: '30000' };
    const worker = await world.startWorker(env);
    const batch = await world.submit(12, 'gated');
    await world.asked(batch, 4);
    worker.kill('SIGKILL');
    await worker.exited;
    const inFlight = new Set(batch.calls().map(({ prompt }) => prompt));
    world.provider.gate.open();
    await world.startWorker(env);

    await vi.waitFor(async () => expect((await world.recorded(batch)).size).toBe(8), WAIT);
    await expectWhole(batch);
    for (const prompt of batch.prompts)
      expect(batch.calls().filter((call) => call.prompt === prompt)).toHaveLength(inFlight.has(prompt) ? 2 : 1);
  },
  LONG_TEST_MS,
);
