import { setTimeout as pause } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { errorBodySchema } from '@prodigon/contracts';
import { DEPLOYMENTS, type Deployment, echoOf, startTestPostgres } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deploy, LONG_TEST_MS, WAIT } from './deployment.test-support.ts';

const RESTARTS = 3;
const CALLERS = 8;

/** Callers who submit jobs, ask models and look at their jobs, all the time, until `stop`. */
function load({ post, url }: Deployment) {
  const acknowledged = new Map<string, string>();
  const refusals: unknown[] = [];
  const strange: unknown[] = [];
  let answered = 0;
  let isOver = false;

  async function note(response: Response, success: number): Promise<unknown> {
    const body = await response.json();
    if (response.status === success) return body;
    const isDocumented = response.status === 503 && errorBodySchema.safeParse(body).data?.error.code === 'SERVICE_UNAVAILABLE';
    (isDocumented ? refusals : strange).push({ status: response.status, body });
    // Whoever is told to come back later does not come back at once.
    await pause(20);
    return undefined;
  }

  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; !isOver; turn += 1) {
      const prompt = `caller ${caller}, turn ${turn}`;
      const job = await note(await post('/api/v1/jobs', { prompts: [prompt], model: 'slow_1' }), 202);
      if (job) acknowledged.set((job as { job_id: string }).job_id, prompt);
      await note(await fetch(`${url}/api/v1/jobs`), 200);
      const answer = await note(await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' }), 200);
      if (answer) answered += 1;
    }
  });
  const stop = async () => {
    isOver = true;
    await Promise.all(callers);
  };
  onTestFinished(stop);
  return { acknowledged, refusals, strange, answered: () => answered, stop };
}

describe.each(DEPLOYMENTS)('%s, whose database crashes under load', (name) => {
  it(
    'says 503 meanwhile, goes on answering with models, comes back, and loses nothing that it has acknowledged',
    async () => {
      const server = await startTestPostgres();
      onTestFinished(() => server.close());
      const deployment = await deploy(name, { env: { DATABASE_URL: server.url, JOB_LEASE_MS: '3000' } });
      const { url, processes } = deployment;
      const { jobs, usage } = createApiClient({ baseUrl: url });
      const { acknowledged, refusals, strange, answered, stop } = load(deployment);
      const more = (count: () => number) => {
        const before = count();
        return vi.waitFor(() => expect(count()).toBeGreaterThan(before), WAIT);
      };

      for (let restart = 0; restart < RESTARTS; restart += 1) {
        await more(() => acknowledged.size);
        // Once it is gone for a while, once back as soon as it can be.
        if (restart % 2 === 0) {
          await server.stop('immediate');
          await more(() => refusals.length);
          await more(answered);
        }
        await server.restart('immediate');
        await more(() => acknowledged.size);
      }
      await stop();
      expect(strange).toEqual([]);
      expect(refusals.length).toBeGreaterThan(0);

      for (const [jobId, prompt] of acknowledged) {
        const job = await vi.waitFor(async () => {
          const each = await jobs.get(jobId);
          expect(each.status).toBe('completed');
          return each;
        }, WAIT);
        expect(job.results).toEqual([echoOf(prompt)]);
      }
      // What models have answered meanwhile is in the usage too, once each.
      await vi.waitFor(async () => {
        const { rows } = await usage();
        expect(rows.filter(({ model }) => model === 'healthy').reduce((sum, { requests }) => sum + requests, 0)).toBe(answered());
      }, WAIT);
      for (const { exited } of processes) expect(await Promise.race([exited, 'it runs'])).toBe('it runs');
    },
    LONG_TEST_MS,
  );
});
