import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus, type Job } from '@prodigon/contracts';
import { type Deployment, echoOf, matrixDeployments } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, WAIT } from './deployment.test-support.ts';

const STARTS_WITHIN_MS = 1_000;
const ROUNDS = 8;

function submit({ jobs }: ApiClient, tag: string, count: number, model: string): Promise<Job> {
  return jobs.submit({ prompts: Array.from({ length: count }, (_, index) => `${tag} ${index}`), model });
}

const callsOf = ({ provider }: Deployment, tag: string) => provider.calls.filter(({ prompt }) => prompt.startsWith(`${tag} `));

const ended = ({ jobs }: ApiClient, jobId: string): Promise<Job> =>
  vi.waitFor(async () => {
    const job = await jobs.get(jobId);
    expect(isTerminalJobStatus(job.status)).toBe(true);
    return job;
  }, WAIT);

/** Expects that the job is cancelled and counts each prompt exactly once. */
async function expectCancelled(deployment: Deployment, api: ApiClient, jobId: string, total: number): Promise<void> {
  const job = await ended(api, jobId);
  const text = await (await fetch(`${deployment.url}/api/v1/jobs/${jobId}/results.jsonl`)).text();
  const lines = text
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const succeeded = lines.filter(({ response }) => response !== null);
  expect(job).toMatchObject({
    status: 'cancelled',
    completed_prompts: succeeded.length,
    cancelled_prompts: total - succeeded.length,
    failed_prompts: 0,
    running_prompts: 0,
  });
  for (const { prompt, response } of succeeded) expect(response.body.text).toBe(echoOf(prompt));
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'cancels a job while prompts are claimed, delayed or in flight, and calls no provider afterwards',
    async () => {
      const deployment = await deploy(name, { env: { JOB_CONCURRENCY: '4' } });
      const { provider, url } = deployment;
      const api = createApiClient({ baseUrl: url });
      const cancelledAt = new Map<string, number>();
      const cancel = async (tag: string, jobId: string) => {
        // Cancelling is idempotent.
        await Promise.all([api.jobs.cancel(jobId), api.jobs.cancel(jobId), api.jobs.cancel(jobId)]);
        cancelledAt.set(tag, performance.now());
      };

      for (let round = 0; round < ROUNDS; round += 1) {
        const tag = `claimed-${round}`;
        const { job_id } = await submit(api, tag, 100, 'slow_100');
        // Cancels at different points, from no prompt started to half of them completed.
        await vi.waitFor(() => expect(callsOf(deployment, tag).length).toBeGreaterThanOrEqual(round * 7), WAIT);
        await cancel(tag, job_id);
        await expectCancelled(deployment, api, job_id, 100);
      }

      const retried = await submit(api, 'retried', 6, 'limited_3');
      await vi.waitFor(async () => {
        const { items } = await api.jobs.items(retried.job_id, { limit: 10 });
        expect(items.map(({ status }) => status)).toEqual(Array(6).fill('retrying'));
      }, WAIT);
      const dueAt = performance.now() + 3_000;
      await cancel('retried', retried.job_id);
      await expectCancelled(deployment, api, retried.job_id, 6);

      const last = await submit(api, 'last', 2, 'gated');
      await vi.waitFor(() => expect(callsOf(deployment, 'last')).toHaveLength(2), WAIT);
      provider.gate.releaseOne();
      await vi.waitFor(async () => expect((await api.jobs.get(last.job_id)).completed_prompts).toBe(1), WAIT);
      provider.gate.open();
      await cancel('last', last.job_id);
      const job = await ended(api, last.job_id);
      // The last response may have arrived before the cancellation.
      expect([job.status, job.completed_prompts + job.cancelled_prompts]).toEqual([
        expect.toBeOneOf(['cancelled', 'completed']),
        2,
      ]);

      // Runs other jobs until the allowed second and the retry delay have passed.
      await vi.waitFor(async () => {
        await ended(api, (await submit(api, `next-${performance.now()}`, 4, 'slow_1')).job_id);
        expect(performance.now()).toBeGreaterThan(dueAt + STARTS_WITHIN_MS);
      }, WAIT);
      for (const [tag, at] of cancelledAt)
        expect(callsOf(deployment, tag).filter((call) => call.at > at + STARTS_WITHIN_MS)).toEqual([]);
    },
    LONG_TEST_MS,
  );
});
