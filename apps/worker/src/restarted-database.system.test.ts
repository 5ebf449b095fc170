import { errorBodySchema } from '@prodigon/contracts';
import { echoOf, startTestPostgres, type TestPostgres } from '@prodigon/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { randomPoint, seededRandom } from './seeded-random.test-support.ts';
import { LONG_TEST_MS, promptsOf, useWorkerProcesses, WAIT } from './worker-process-harness.test-support.ts';

let server: TestPostgres;
const harness = useWorkerProcesses(async () => {
  server = await startTestPostgres();
  return { url: server.url, drop: () => server.close() };
});
const RESTARTS = 5;

interface ApiResponse {
  readonly status: number;
  readonly body: unknown;
}

async function call(path: string, init: RequestInit = {}): Promise<ApiResponse> {
  const response = await fetch(`${harness.gatewayUrl}/api/v1/jobs${path}`, init);
  return { status: response.status, body: await response.json() };
}

const submit = (prompts: readonly string[]) =>
  call('', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompts, model: 'slow_1' }),
  });

/** Expects success, or the documented 503 error. */
function expectDocumented({ status, body }: ApiResponse, success: number): void {
  if (status === success) return;
  expect({ status, code: errorBodySchema.parse(body).error.code }).toEqual({ status: 503, code: 'SERVICE_UNAVAILABLE' });
}

it(
  'keeps all acknowledged jobs and recorded results when the database crashes, and returns 503 meanwhile',
  async () => {
    const random = seededRandom();
    const worker = await harness.startWorker();
    const batch = await harness.submit(100, 'slow_50');

    const acknowledged = new Map<string, readonly string[]>();
    const responses: ApiResponse[] = [];
    let isDone = false;
    const submitting = (async () => {
      while (!isDone) {
        const prompts = promptsOf(1);
        const response = await submit(prompts);
        responses.push(response);
        if (response.status === 202) acknowledged.set((response.body as { job_id: string }).job_id, prompts);
      }
    })();
    onTestFinished(() => {
      isDone = true;
      return submitting;
    });

    for (let restart = 0; restart < RESTARTS; restart += 1) {
      const recordedBefore = (await harness.recorded(batch)).size;
      await vi.waitFor(async () => expect((await harness.recorded(batch)).size).toBeGreaterThan(recordedBefore), WAIT);
      await randomPoint(random, harness.provider);
      const recorded = await harness.recorded(batch);
      const callsBefore = harness.provider.calls.length;

      await server.stop('immediate');
      await vi.waitFor(async () => {
        const response = await call(`/${batch.jobId}`);
        expectDocumented(response, 200);
        expect(response.status).toBe(503);
      }, WAIT);
      expect((await submit(['never'])).status).toBe(503);
      await server.restart();
      await vi.waitFor(async () => {
        const response = await call(`/${batch.jobId}`);
        expectDocumented(response, 200);
        expect(response.status).toBe(200);
      }, WAIT);
      const calledAgain = harness.provider.calls.slice(callsBefore).filter(({ prompt }) => recorded.has(prompt));
      expect(calledAgain).toEqual([]);
    }
    const acknowledgedBefore = acknowledged.size;
    await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(acknowledgedBefore), WAIT);
    isDone = true;
    await submitting;

    for (const response of responses) expectDocumented(response, 202);
    expect(await harness.ended(batch)).toMatchObject({
      status: 'completed',
      completed_prompts: 100,
      usage: { total_tokens: 800 },
    });
    expect((await harness.results(batch)).map(({ response }) => response?.body.text)).toEqual(batch.prompts.map(echoOf));
    for (const [jobId, prompts] of acknowledged)
      expect(await harness.ended(harness.batchOf(jobId, prompts))).toMatchObject({ status: 'completed' });
    expect(await Promise.race([worker.exited, 'running'])).toBe('running');
  },
  LONG_TEST_MS,
);

it('records results after a database outage that was longer than the lease', async () => {
  const worker = await harness.startWorker({ JOB_LEASE_MS: '500' });
  const batch = await harness.submit(4, 'gated');
  await harness.called(batch, 4);
  await server.stop('immediate');
  const stoppedAt = performance.now();
  harness.provider.gate.open();
  await vi.waitFor(() => expect(performance.now() - stoppedAt).toBeGreaterThan(1_000), WAIT);
  await server.restart();
  expect(await harness.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 4 });
  expect(batch.calls()).toHaveLength(4);
  expect(await harness.metric(worker, 'job_lease_expiries_total')).toBe(0);
});
