import { randomUUID } from 'node:crypto';
import { type Deployment, matrixDeployments, type RunningApp, sharedDeployment, startApp } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LONG_TEST_MS, WAIT } from './deployment.test-support.ts';

const REQUESTS = 10;

/** Returns the gateway of a deployment and a second one on the same services. */
async function gatewaysOf(
  { gateway, models, workers, databaseUrl, internalToken, provider }: Deployment,
  name: string,
): Promise<RunningApp[]> {
  const shared = { INTERNAL_TOKEN: internalToken, OPENAI_BASE_URL: provider.baseUrl };
  const other =
    name === 'monolith'
      ? await startApp('monolith', { ...shared, DATABASE_URL: databaseUrl })
      : await startApp('gateway', { ...shared, MODEL_SERVICE_URL: urlsOf(models), WORKER_SERVICE_URL: urlsOf(workers) });
  onTestFinished(() => other.close());
  return [gateway, other];
}

const urlsOf = (apps: readonly RunningApp[]) => apps.map(({ url }) => url).join();

function submit({ url }: RunningApp, key: string, body: object): Promise<Response> {
  return fetch(`${url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'creates one job for ten concurrent submissions with the same key to two gateways, and rejects a different body',
    async () => {
      const deployment = await sharedDeployment(name);
      const gateways = await gatewaysOf(deployment, name);
      const jobName = `idempotency ${randomUUID()}`;
      for (let round = 0; round < 5; round += 1) {
        const key = randomUUID();
        const body = { prompts: [`${jobName} ${round}`], model: 'healthy', name: jobName };
        const responses = await Promise.all(
          Array.from({ length: REQUESTS }, (_, index) => submit(gateways[index % gateways.length] as RunningApp, key, body)),
        );
        // A submission returns 409 while the first one is in progress, and may be retried.
        expect(responses.filter(({ status }) => status !== 202 && status !== 409)).toEqual([]);
        const accepted = responses.filter(({ status }) => status === 202);
        expect(accepted.filter(({ headers }) => headers.get('idempotent-replayed') !== 'true')).toHaveLength(1);
        const ids = await Promise.all(accepted.map(async (response) => ((await response.json()) as { job_id: string }).job_id));
        expect(new Set(ids).size).toBe(1);

        const again = await submit(gateways[round % gateways.length] as RunningApp, key, body);
        expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
        const other = await submit(gateways[round % gateways.length] as RunningApp, key, { ...body, prompts: ['another'] });
        expect(other.status).toBe(422);
        await vi.waitFor(async () => {
          const job = await (await fetch(`${deployment.url}/api/v1/jobs/${ids[0]}`)).json();
          expect(job.status).toBe('completed');
        }, WAIT);
        expect(deployment.provider.calls.filter(({ prompt }) => prompt === `${jobName} ${round}`)).toHaveLength(1);
      }
      expect((await (await fetch(`${deployment.url}/api/v1/jobs?q=${encodeURIComponent(jobName)}`)).json()).jobs).toHaveLength(5);
    },
    LONG_TEST_MS,
  );
});
