import { setTimeout as wait } from 'node:timers/promises';
import { errorBodySchema } from '@prodigon/contracts';
import { echoOf, startTestPostgres, type TestPostgres } from '@prodigon/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { seededRandom } from './seeded-random.test-support.ts';
import { LONG_TEST_MS, promptsOf, useJobWorld, WAIT } from './worker-harness.test-support.ts';

let server: TestPostgres;
const world = useJobWorld(async () => {
  server = await startTestPostgres();
  return { url: server.url, drop: () => server.close() };
});
const RESTARTS = 5;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${world.gatewayUrl}/api/v1/jobs${path}`, init);
  return { status: response.status, body: await response.json() };
}

const submit = (prompts: readonly string[]) =>
  call('', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompts, model: 'slow_1' }),
  });

/** Either it did what it was asked, or it said in the documented form that it cannot just now. */
function expectDocumented({ status, body }: Answer, success: number): void {
  if (status === success) return;
  expect({ status, code: errorBodySchema.parse(body).error.code }).toEqual({ status: 503, code: 'SERVICE_UNAVAILABLE' });
}

it(
  'a database that crashes and comes back costs no acknowledged job and no recorded answer, and callers are told 503 meanwhile',
  async () => {
    const random = seededRandom();
    const worker = await world.startWorker();
    const batch = await world.submit(100, 'slow_50');

    const acknowledged = new Map<string, readonly string[]>();
    const answers: Answer[] = [];
    let isOver = false;
    const submitting = (async () => {
      while (!isOver) {
        const prompts = promptsOf(1);
        const answer = await submit(prompts);
        answers.push(answer);
        if (answer.status === 202) acknowledged.set((answer.body as { job_id: string }).job_id, prompts);
        // Whoever is told 503 does not come back at once.
        else await wait(20);
      }
    })();
    onTestFinished(() => {
      isOver = true;
      return submitting;
    });

    for (let restart = 0; restart < RESTARTS; restart += 1) {
      const recordedBefore = (await world.recorded(batch)).size;
      await vi.waitFor(async () => expect((await world.recorded(batch)).size).toBeGreaterThan(recordedBefore), WAIT);
      await wait(random.upTo(40));
      const recorded = await world.recorded(batch);
      const callsBefore = world.provider.calls.length;

      await server.stop('immediate');
      await vi.waitFor(async () => {
        const answer = await call(`/${batch.jobId}`);
        expectDocumented(answer, 200);
        expect(answer.status).toBe(503);
      }, WAIT);
      expect((await submit(['never'])).status).toBe(503);
      await server.restart();
      await vi.waitFor(async () => {
        const answer = await call(`/${batch.jobId}`);
        expectDocumented(answer, 200);
        expect(answer.status).toBe(200);
      }, WAIT);
      const askedAgain = world.provider.calls.slice(callsBefore).filter(({ prompt }) => recorded.has(prompt));
      expect(askedAgain).toEqual([]);
    }
    const acknowledgedBefore = acknowledged.size;
    await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(acknowledgedBefore), WAIT);
    isOver = true;
    await submitting;

    for (const answer of answers) expectDocumented(answer, 202);
    expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 100, usage: { total_tokens: 800 } });
    expect((await world.results(batch)).map(({ response }) => response?.body.text)).toEqual(batch.prompts.map(echoOf));
    for (const [jobId, prompts] of acknowledged)
      expect(await world.ended(world.batchOf(jobId, prompts))).toMatchObject({ status: 'completed' });
    expect(await Promise.race([worker.exited, 'it runs'])).toBe('it runs');
  },
  LONG_TEST_MS,
);

it('answers that came while the database was away for longer than the lease are recorded when it is back', async () => {
  const worker = await world.startWorker({ JOB_LEASE_MS: '500' });
  const batch = await world.submit(4, 'gated');
  await world.asked(batch, 4);
  await server.stop('immediate');
  const stoppedAt = performance.now();
  world.provider.gate.open();
  await vi.waitFor(() => expect(performance.now() - stoppedAt).toBeGreaterThan(1_000), WAIT);
  await server.restart();
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 4 });
  expect(batch.calls()).toHaveLength(4);
  expect(await world.metric(worker, 'job_lease_expiries_total')).toBe(0);
});
