import { randomUUIDv7 } from 'node:crypto';
import type { UsageRecord } from '@prodigon/ports';
import { createTestDatabase, startTestPostgres } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { openUsageStorage } from './postgres-usage-store.ts';

const PERIOD = { ownerId: 'ada', from: '2026-03-01', to: '2026-03-31', unit: 'day', time_zone: 'UTC' } as const;
const recordOf = (): UsageRecord => ({
  id: randomUUIDv7(),
  at: new Date('2026-03-10T12:00:00Z'),
  ownerId: 'ada',
  keyId: null,
  requestId: 'request-1',
  kind: 'chat',
  provider: 'offline',
  model: 'prodigon-sim',
  status: 'completed',
  promptTokens: 1,
  completionTokens: 1,
  estimated: false,
  costUsd: 0,
  attempts: 1,
  ttftMs: null,
  latencyMs: 1,
});

function open(DATABASE_URL: string | undefined) {
  const storage = openUsageStorage({ DATABASE_URL, DATA_DIR: '.prodigon' });
  onTestFinished(() => storage.close());
  return storage.store;
}

it('migrates the database on first use, once for concurrent calls', async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const store = open(url);
  await Promise.all([store.purge({ olderThanDays: 3_650 }), store.record([recordOf()]), store.record([recordOf()])]);
  expect(await store.summarize(PERIOD)).toMatchObject([{ requests: 2 }]);
});

it('migrates one empty database from several processes concurrently', async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const stores = Array.from({ length: 5 }, () => open(url));
  await Promise.all(stores.map((store) => store.record([recordOf()])));
  expect(await stores[0]?.summarize(PERIOD)).toMatchObject([{ requests: 5 }]);
});

it('throws SERVICE_UNAVAILABLE while the database is down and recovers afterwards', async () => {
  const server = await startTestPostgres();
  onTestFinished(() => server.close());
  await server.stop('immediate');
  const store = open(server.url);
  const unavailable = { code: 'SERVICE_UNAVAILABLE', message: 'The database is unreachable.' };
  await expect(store.record([recordOf()])).rejects.toMatchObject(unavailable);
  await expect(store.summarize(PERIOD)).rejects.toMatchObject(unavailable);
  await server.restart();
  await store.record([recordOf()]);
  expect(await store.summarize(PERIOD)).toMatchObject([{ requests: 1 }]);
});

it('records nothing without a database and rejects summaries', async () => {
  const store = open(undefined);
  expect(await store.record([recordOf()])).toBe(0);
  await expect(store.summarize(PERIOD)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'Usage is not recorded: the model service has no DATABASE_URL.',
  });
});
