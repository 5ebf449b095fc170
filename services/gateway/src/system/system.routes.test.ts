import type { JobActivity } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import type { JobsClient } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';
import { replicasOf } from './health-prober.ts';

it('reports services, streams and the default model, and does not query a worker that is down', async () => {
  let queries = 0;
  const jobs: Partial<JobsClient> = {
    async activity() {
      queries += 1;
      return {} as JobActivity;
    },
  };
  const { url } = await startPlatform({
    topology: 'in one process',
    providers: [{ endpoints: [createSimulatorProvider()] }],
    jobs: jobs as JobsClient,
    streamsMax: 7,
  });
  const overview = await (await fetch(`${url}/api/v1/system/overview`)).json();
  expect(overview).toMatchObject({
    topology: 'monolith',
    node_version: process.version,
    streams: { active: 0, max: 7 },
    default_model: 'prodigon-sim',
    jobs: null,
  });
  expect(overview.services.map(({ name, status }: { name: string; status: string }) => [name, status])).toEqual([
    ['gateway', 'up'],
    ['model', 'up'],
  ]);
  expect(queries).toBe(0);
});

it('finds the replicas of a service by its name', () => {
  const services = ['model', 'model 1', 'model 2', 'model-other', 'gateway'].map((name) => ({ name }) as never);
  expect(replicasOf(services, 'model').map(({ name }) => name)).toEqual(['model', 'model 1', 'model 2']);
});
