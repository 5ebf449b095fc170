import { randomUUID } from 'node:crypto';
import { createApiClient, streamChunks } from '@prodigon/api-client';
import { readRawEvents } from '@prodigon/api-client/raw-events';
import {
  createTestDatabase,
  type FaultProvider,
  MODELS_WITHOUT_BREAKER,
  type RunningApp,
  startApp,
  startFaultProvider,
} from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const WAIT = { timeout: 100_000, interval: 50 };
const PROMPTS = 40;

interface Platform {
  readonly gateways: readonly [RunningApp, RunningApp];
  readonly provider: FaultProvider;
  close(): Promise<void>;
}

/**
 * Starts two gateways, two model services and two workers. Each has its own address and data folder, as on its own host, and
 * knows the others by their addresses alone. Each gateway knows other services than the other gateway.
 */
async function startHosts(): Promise<Platform> {
  const [provider, database] = await Promise.all([startFaultProvider(), createTestDatabase({ isMigrated: true })]);
  const apps: RunningApp[] = [];
  const shared = {
    INTERNAL_TOKEN: 'token-of-these-tests-0123',
    MODELS_FILE: MODELS_WITHOUT_BREAKER,
    OPENAI_BASE_URL: provider.baseUrl,
    DATABASE_URL: database.url,
    JOB_CONCURRENCY: '4',
  };
  const start = async (name: 'gateway' | 'model' | 'worker', env: Record<string, string>) => {
    const app = await startApp(name, { ...shared, ...env });
    apps.push(app);
    return app;
  };
  const startSite = async (site: number) => {
    const model = await start('model', { INTERNAL_HOST: `127.0.${site}.1` });
    const services = { MODEL_SERVICE_URL: model.url };
    const worker = await start('worker', { ...services, INTERNAL_HOST: `127.0.${site}.2` });
    return start('gateway', { ...services, WORKER_SERVICE_URL: worker.url, HOST: `127.0.${site}.3` });
  };
  const gateways = await Promise.all([startSite(1), startSite(2)]);
  return {
    gateways,
    provider,
    async close() {
      await Promise.all(apps.map((app) => app.close()));
      await Promise.all([provider.close(), database.drop()]);
    },
  };
}

/** Reads at most `count` item events of a job after `lastId`, and disconnects. */
async function readItems({ url }: RunningApp, jobId: string, lastId: string | undefined, count: number) {
  const client = new AbortController();
  const response = await fetch(`${url}/api/v1/jobs/${jobId}/events?after=0`, {
    headers: lastId === undefined ? {} : { 'last-event-id': lastId },
    signal: client.signal,
  });
  const items: { id: string; index: number; status: string }[] = [];
  for await (const { event, id, data } of readRawEvents(streamChunks(response.body as ReadableStream<Uint8Array>))) {
    if (event === 'item') items.push({ ...JSON.parse(data), id });
    if (event === 'end' || items.length === count) break;
  }
  client.abort();
  return items;
}

describe.runIf(process.platform === 'linux')('two gateways on one database, on several hosts', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startHosts();
  });
  afterAll(() => platform?.close());
  const clients = () => platform.gateways.map(({ url }) => createApiClient({ baseUrl: url }));

  it('create one job for concurrent submissions with one idempotency key, and call the provider once', async () => {
    const { provider } = platform;
    const prompt = `once ${randomUUID()}`;
    const idempotencyKey = randomUUID();
    const jobs = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        vi.waitFor(
          async () => clients()[index % 2]?.jobs.submit({ prompts: [prompt], model: 'healthy' }, { idempotencyKey }),
          WAIT,
        ),
      ),
    );
    const [jobId] = new Set(jobs.map((job) => job?.job_id ?? ''));
    expect(new Set(jobs.map((job) => job?.job_id)).size).toBe(1);
    for (const { jobs: api } of clients())
      await vi.waitFor(async () => expect((await api.get(jobId ?? '')).status).toBe('completed'), WAIT);
    expect(provider.calls.filter((call) => call.prompt === prompt)).toHaveLength(1);
  });

  it('stream a job that the other gateway has received, and continue the stream of the other without a gap or a repeat', async () => {
    const { gateways } = platform;
    const prompts = Array.from({ length: PROMPTS }, (_, index) => `prompt ${index}`);
    const job = await clients()[0]?.jobs.submit({ prompts, model: 'healthy' });
    const items: Awaited<ReturnType<typeof readItems>> = [];
    for (let turn = 1; items.length < PROMPTS; turn += 1) {
      const gateway = gateways[turn % 2] as RunningApp;
      items.push(...(await readItems(gateway, job?.job_id ?? '', items.at(-1)?.id, 7)));
    }
    expect(items.map(({ index }) => index).sort((a, b) => a - b)).toEqual(prompts.map((_, index) => index));
    expect(new Set(items.map(({ id }) => id)).size).toBe(PROMPTS);
  });

  it('report the same usage', async () => {
    const [first, second] = clients();
    await first?.generate({ prompt: 'Hi', model: 'healthy' });
    await second?.generate({ prompt: 'Hi', model: 'healthy' });
    await vi.waitFor(async () => {
      const [one, other] = await Promise.all([first?.usage(), second?.usage()]);
      expect(one?.totals.requests).toBe(platform.provider.calls.length);
      expect(other).toEqual(one);
    }, WAIT);
  });

  it('list, cancel and delete the jobs of each other', async () => {
    const [first, second] = clients();
    const name = randomUUID();
    const job = await first?.jobs.submit({ prompts: ['one'], model: 'gated', name });
    const jobId = job?.job_id ?? '';
    expect((await second?.jobs.list({ q: name }))?.jobs.map(({ job_id }) => job_id)).toEqual([jobId]);
    await second?.jobs.cancel(jobId);
    platform.provider.gate.open();
    await vi.waitFor(async () => expect((await first?.jobs.get(jobId))?.status).toBe('cancelled'), WAIT);
    await second?.jobs.remove(jobId);
    await expect(first?.jobs.get(jobId)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it('continue to serve jobs and streams when the host of the other gateway ends', async () => {
    const [first, second] = platform.gateways;
    const prompts = Array.from({ length: PROMPTS }, (_, index) => `after the end ${index}`);
    const job = await clients()[1]?.jobs.submit({ prompts, model: 'healthy' });
    second.kill('SIGKILL');
    await second.exited;
    const items = await readItems(first, job?.job_id ?? '', undefined, PROMPTS);
    expect(new Set(items.map(({ index }) => index)).size).toBe(PROMPTS);
  });
});
