import { createApiClient } from '@prodigon/api-client';
import { errorBodySchema } from '@prodigon/contracts';
import { type Deployment, echoOf, matrixDeployments, startTestPostgres } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deploy, LONG_TEST_MS, WAIT } from './deployment.test-support.ts';

const RESTARTS = 3;
const CLIENTS = 8;

/** Starts clients that submit jobs, generate text and list jobs until `stop`. */
function startLoad({ post, url }: Deployment) {
  const acknowledged = new Map<string, string>();
  const rejections: unknown[] = [];
  const unexpected: unknown[] = [];
  let generated = 0;
  let isDone = false;

  async function check(response: Response, success: number): Promise<unknown> {
    const body = await response.json();
    if (response.status === success) return body;
    const isDocumented = response.status === 503 && errorBodySchema.safeParse(body).data?.error.code === 'SERVICE_UNAVAILABLE';
    (isDocumented ? rejections : unexpected).push({ status: response.status, body });
    return undefined;
  }

  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let turn = 0; !isDone; turn += 1) {
      const prompt = `client ${client}, turn ${turn}`;
      const job = await check(await post('/api/v1/jobs', { prompts: [prompt], model: 'slow_1' }), 202);
      if (job) acknowledged.set((job as { job_id: string }).job_id, prompt);
      await check(await fetch(`${url}/api/v1/jobs`), 200);
      const generation = await check(await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' }), 200);
      if (generation) generated += 1;
    }
  });
  const stop = async () => {
    isDone = true;
    await Promise.all(clients);
  };
  onTestFinished(stop);
  return { acknowledged, rejections, unexpected, generated: () => generated, stop };
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'returns 503 for jobs while the database is down, keeps generating text, and loses no acknowledged job',
    async () => {
      const server = await startTestPostgres();
      onTestFinished(() => server.close());
      const deployment = await deploy(name, { env: { DATABASE_URL: server.url, JOB_LEASE_MS: '3000' } });
      const { url, processes } = deployment;
      const { jobs, usage } = createApiClient({ baseUrl: url });
      const { acknowledged, rejections, unexpected, generated, stop } = startLoad(deployment);
      const waitForMore = (count: () => number) => {
        const before = count();
        return vi.waitFor(() => expect(count()).toBeGreaterThan(before), WAIT);
      };

      for (let restart = 0; restart < RESTARTS; restart += 1) {
        await waitForMore(() => acknowledged.size);
        // The database stays down for a while, or restarts immediately.
        if (restart % 2 === 0) {
          await server.stop('immediate');
          await waitForMore(() => rejections.length);
          await waitForMore(generated);
        }
        await server.restart('immediate');
        await waitForMore(() => acknowledged.size);
      }
      await stop();
      expect(unexpected).toEqual([]);
      expect(rejections.length).toBeGreaterThan(0);

      for (const [jobId, prompt] of acknowledged) {
        const job = await vi.waitFor(async () => {
          const completed = await jobs.get(jobId);
          expect(completed.status).toBe('completed');
          return completed;
        }, WAIT);
        expect(job.results).toEqual([echoOf(prompt)]);
      }
      // The usage counts each response once, including those during the outage.
      await vi.waitFor(async () => {
        const { rows } = await usage();
        expect(rows.filter(({ model }) => model === 'healthy').reduce((sum, { requests }) => sum + requests, 0)).toBe(
          generated(),
        );
      }, WAIT);
      for (const { exited } of processes) expect(await Promise.race([exited, 'running'])).toBe('running');
    },
    LONG_TEST_MS,
  );
});
