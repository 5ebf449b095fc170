import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { createTestDatabase, type RunningApp, startApp, startTestPostgres } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';

const WAIT = { timeout: 60_000, interval: 50 };
const SIMULATOR = 'prodigon-sim?ttft_ms=0&tokens=3';
const INTERNAL_TOKEN = 'token-of-these-tests-0123';

async function start(...parameters: Parameters<typeof startApp>): Promise<RunningApp> {
  const app = await startApp(...parameters);
  onTestFinished(() => app.close());
  return app;
}

async function startServer() {
  const server = await startTestPostgres();
  onTestFinished(() => server.close());
  return server;
}

const generate = (api: ApiClient, model = SIMULATOR) => api.generate({ prompt: 'Hi there', model });
const totals = async (api: ApiClient) => (await api.usage()).totals;

/** Disconnects after the first token of a stream that never ends. */
async function disconnectAfterFirstToken(api: ApiClient): Promise<void> {
  for await (const { event } of api.stream({ prompt: 'Hi there', model: 'prodigon-sim?ttft_ms=0&fault=stall' })) {
    if (event === 'token') return;
  }
}

it('records the usage of a response and of a stream whose client disconnected', async () => {
  const { url: DATABASE_URL, drop } = await createTestDatabase();
  onTestFinished(drop);
  const { url } = await start('monolith', { DATABASE_URL });
  const api = createApiClient({ baseUrl: url });
  await generate(api);
  await disconnectAfterFirstToken(api);
  await expect.poll(() => totals(api), WAIT).toMatchObject({ requests: 2, cancelled: 1, estimated: 1, failed: 0, unpriced: 0 });
  const { rows, to } = await api.usage();
  expect(rows).toMatchObject([
    { day: to, provider: 'offline', model: 'prodigon-sim', owner_id: 'local', requests: 2, cost_usd: 0 },
  ]);
});

it('keeps responding while the database is down, and records the usage once it is back', async () => {
  const server = await startServer();
  const app = await start('monolith', { DATABASE_URL: server.url });
  const api = createApiClient({ baseUrl: app.url });
  await generate(api);
  await expect.poll(() => totals(api), WAIT).toMatchObject({ requests: 1 });

  await server.stop('immediate');
  for (let count = 0; count < 20; count += 1) await generate(api);
  await disconnectAfterFirstToken(api);
  await expect(api.usage()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  const warnings = () => app.output().match(/Usage records cannot be written/g)?.length;
  await expect.poll(warnings, WAIT).toBe(1);

  await server.restart();
  await expect.poll(() => totals(api).catch(() => null), WAIT).toMatchObject({ requests: 22, cancelled: 1 });
  expect(warnings()).toBe(1);
});

it('starts a model service without its database, and records usage once the database is up', async () => {
  const server = await startServer();
  await server.stop();
  const model = await start('model', { INTERNAL_TOKEN, DATABASE_URL: server.url });
  const gateway = await start('gateway', { INTERNAL_TOKEN, MODEL_SERVICE_URL: model.url });
  const api = createApiClient({ baseUrl: gateway.url });
  await generate(api);
  await server.restart();
  await expect.poll(() => totals(api).catch(() => null), WAIT).toMatchObject({ requests: 1 });
});

it('records the usage of the last response before a shutdown', async () => {
  const { url: DATABASE_URL, drop } = await createTestDatabase();
  onTestFinished(drop);
  const first = await start('monolith', { DATABASE_URL });
  await generate(createApiClient({ baseUrl: first.url }));
  first.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  const second = await start('monolith', { DATABASE_URL });
  expect(await totals(createApiClient({ baseUrl: second.url }))).toMatchObject({ requests: 1 });
});
