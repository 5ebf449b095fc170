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

const ask = (api: ApiClient, model = SIMULATOR) => api.generate({ prompt: 'Hi there', model });
const totals = async (api: ApiClient) => (await api.usage()).totals;

/** Reads the first token of an answer that goes on for ever, and leaves. */
async function leave(api: ApiClient): Promise<void> {
  for await (const { event } of api.stream({ prompt: 'Hi there', model: 'prodigon-sim?ttft_ms=0&fault=stall' })) {
    if (event === 'token') return;
  }
}

it('an answer and a stream that was left are in the usage of the day', async () => {
  const { url: DATABASE_URL, drop } = await createTestDatabase();
  onTestFinished(drop);
  const { url } = await start('monolith', { DATABASE_URL });
  const api = createApiClient({ baseUrl: url });
  await ask(api);
  await leave(api);
  await expect.poll(() => totals(api), WAIT).toMatchObject({ requests: 2, cancelled: 1, estimated: 1, failed: 0, unpriced: 0 });
  const { rows, to } = await api.usage();
  expect(rows).toMatchObject([
    { day: to, provider: 'offline', model: 'prodigon-sim', owner_id: 'local', requests: 2, cost_usd: 0 },
  ]);
});

it('answers go on while the database is away, and are in the usage once it is back', async () => {
  const server = await startServer();
  const app = await start('monolith', { DATABASE_URL: server.url });
  const api = createApiClient({ baseUrl: app.url });
  await ask(api);
  await expect.poll(() => totals(api), WAIT).toMatchObject({ requests: 1 });

  await server.stop('immediate');
  for (let count = 0; count < 20; count += 1) await ask(api);
  await leave(api);
  await expect(api.usage()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  const complaints = () => app.output().match(/Usage records cannot be written/g)?.length;
  await expect.poll(complaints, WAIT).toBe(1);

  await server.restart();
  await expect.poll(() => totals(api).catch(() => null), WAIT).toMatchObject({ requests: 22, cancelled: 1 });
  expect(complaints()).toBe(1);
});

it('a model service starts without its database, and records when that has come', async () => {
  const server = await startServer();
  await server.stop();
  const model = await start('model', { INTERNAL_TOKEN, DATABASE_URL: server.url });
  const gateway = await start('gateway', { INTERNAL_TOKEN, MODEL_SERVICE_URL: model.url });
  const api = createApiClient({ baseUrl: gateway.url });
  await ask(api);
  await server.restart();
  await expect.poll(() => totals(api).catch(() => null), WAIT).toMatchObject({ requests: 1 });
});

it('what was used just before the end is recorded too', async () => {
  const { url: DATABASE_URL, drop } = await createTestDatabase();
  onTestFinished(drop);
  const first = await start('monolith', { DATABASE_URL });
  await ask(createApiClient({ baseUrl: first.url }));
  first.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  const second = await start('monolith', { DATABASE_URL });
  expect(await totals(createApiClient({ baseUrl: second.url }))).toMatchObject({ requests: 1 });
});
