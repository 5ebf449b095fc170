import { randomUUIDv7 } from 'node:crypto';
import type { UsageRecord } from '@prodigon/ports';
import { createTestDatabase } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { createDatabase } from './create-database.ts';
import { createPostgresUsageStore } from './postgres-usage-store.ts';

const MARCH = { ownerId: 'ada', from: '2026-03-01', to: '2026-03-31', unit: 'day', time_zone: 'UTC' } as const;

async function openStore() {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  const { db, close } = createDatabase({ url });
  onTestFinished(async () => {
    await close();
    await drop();
  });
  return createPostgresUsageStore(db);
}

function recordOf(changes: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id: randomUUIDv7(),
    at: new Date('2026-03-10T12:00:00Z'),
    ownerId: 'ada',
    keyId: null,
    requestId: 'request-1',
    kind: 'chat',
    provider: 'groq',
    model: 'large',
    status: 'completed',
    promptTokens: 10,
    completionTokens: 20,
    estimated: false,
    costUsd: 0.25,
    attempts: 1,
    ttftMs: 100,
    latencyMs: 900,
    ...changes,
  };
}

it('sums requests by day, provider and model', async () => {
  const store = await openStore();
  await store.record([
    recordOf(),
    recordOf({ ttftMs: 300, attempts: 3 }),
    recordOf({ model: 'small', ttftMs: null, costUsd: 0 }),
    recordOf({ at: new Date('2026-03-09T12:00:00Z'), provider: 'openai' }),
  ]);
  const rows = await store.summarize(MARCH);
  expect(rows.map(({ day, provider, model }) => [day, provider, model])).toEqual([
    ['2026-03-09', 'openai', 'large'],
    ['2026-03-10', 'groq', 'large'],
    ['2026-03-10', 'groq', 'small'],
  ]);
  expect(rows[1]).toEqual({
    day: '2026-03-10',
    provider: 'groq',
    model: 'large',
    owner_id: 'ada',
    requests: 2,
    failed: 0,
    cancelled: 0,
    estimated: 0,
    unpriced: 0,
    prompt_tokens: 20,
    completion_tokens: 40,
    cost_usd: 0.5,
    attempts: 4,
    ttft_p50_ms: 200,
    ttft_p95_ms: 290,
  });
  expect(rows[2]).toMatchObject({ requests: 1, cost_usd: 0, ttft_p50_ms: null, ttft_p95_ms: null });
});

it('rounds times to two decimals', async () => {
  const store = await openStore();
  await store.record([recordOf({ ttftMs: 6.404985000001034 })]);
  expect(await store.summarize(MARCH)).toMatchObject([{ ttft_p50_ms: 6.4, ttft_p95_ms: 6.4 }]);
});

it('sums requests by hour, and by day in another time zone', async () => {
  const store = await openStore();
  await store.record([
    recordOf({ at: new Date('2026-03-10T14:59:59Z') }),
    recordOf({ at: new Date('2026-03-10T15:00:00Z') }),
    recordOf({ at: new Date('2026-03-10T15:30:00Z'), model: 'small' }),
    recordOf({ at: new Date('2026-03-11T15:00:00Z') }),
  ]);
  const day = { ownerId: 'ada', from: '2026-03-11', to: '2026-03-11', time_zone: 'Asia/Tokyo' };
  expect((await store.summarize({ ...day, unit: 'hour' })).map(({ day, hour, model }) => [day, hour, model])).toEqual([
    ['2026-03-11', 0, 'large'],
    ['2026-03-11', 0, 'small'],
  ]);
  const days = await store.summarize({ ...day, from: '2026-03-10', to: '2026-03-12', unit: 'day' });
  expect(days.map(({ day, hour, requests }) => [day, hour, requests])).toEqual([
    ['2026-03-10', undefined, 1],
    ['2026-03-11', undefined, 1],
    ['2026-03-11', undefined, 1],
    ['2026-03-12', undefined, 1],
  ]);
});

it('counts failed, cancelled, estimated and unpriced requests separately', async () => {
  const store = await openStore();
  await store.record([
    recordOf({ costUsd: null }),
    recordOf({ status: 'cancelled', estimated: true, costUsd: null }),
    recordOf({ status: 'failed', estimated: true, costUsd: null, completionTokens: 0 }),
    recordOf(),
  ]);
  // A failed request without output has no price that could be missing.
  expect(await store.summarize(MARCH)).toMatchObject([
    { requests: 4, failed: 1, cancelled: 1, estimated: 2, unpriced: 2, cost_usd: 0.25 },
  ]);
});

it('counts a record once when it is written twice', async () => {
  const store = await openStore();
  const [first, second] = [recordOf(), recordOf()];
  await store.record([first]);
  await store.record([first, second]);
  expect(await store.summarize(MARCH)).toMatchObject([{ requests: 2, prompt_tokens: 20 }]);
});

it('returns only the usage of the given owner', async () => {
  const store = await openStore();
  await store.record([recordOf(), recordOf({ ownerId: 'bob', model: 'secret' })]);
  expect((await store.summarize(MARCH)).map(({ owner_id, model }) => [owner_id, model])).toEqual([['ada', 'large']]);
  expect(await store.summarize({ ...MARCH, ownerId: 'cleo' })).toEqual([]);
});

it('sums by key, and selects a key, a model or all owners', async () => {
  const store = await openStore();
  await store.record([
    recordOf({ keyId: 'key-2' }),
    recordOf({ keyId: 'key-1' }),
    recordOf({ keyId: 'key-1', model: 'small' }),
    recordOf(),
    recordOf({ ownerId: 'bob', keyId: 'key-3' }),
  ]);
  const summarize = async (selection: object) =>
    (await store.summarize({ ...MARCH, ...selection })).map((row) => [row.owner_id, row.model, row.key_id, row.requests]);
  expect(await summarize({ by: 'key' })).toEqual([
    ['ada', 'large', null, 1],
    ['ada', 'large', 'key-1', 1],
    ['ada', 'large', 'key-2', 1],
    ['ada', 'small', 'key-1', 1],
  ]);
  expect(await summarize({ key: 'key-1' })).toEqual([
    ['ada', 'large', undefined, 1],
    ['ada', 'small', undefined, 1],
  ]);
  expect(await summarize({ key: 'key-1', model: 'small', by: 'key' })).toEqual([['ada', 'small', 'key-1', 1]]);
  expect(await summarize({ key: 'key-3' })).toEqual([]);
  expect(await summarize({ ownerId: null, model: 'large' })).toEqual([
    ['ada', 'large', undefined, 3],
    ['bob', 'large', undefined, 1],
  ]);
});

it('starts each day at midnight UTC', async () => {
  const store = await openStore();
  const at = (time: string) => recordOf({ at: new Date(time) });
  await store.record(
    ['2026-02-28T23:59:59.999Z', '2026-03-01T00:00:00Z', '2026-03-31T23:59:59.999Z', '2026-04-01T00:00:00Z'].map(at),
  );
  expect((await store.summarize(MARCH)).map(({ day }) => day)).toEqual(['2026-03-01', '2026-03-31']);
});

it('accepts arbitrary numbers and text from providers and clients', async () => {
  const store = await openStore();
  const wrong = { promptTokens: Number.MAX_SAFE_INTEGER, completionTokens: Number.MAX_SAFE_INTEGER, costUsd: 1e12 };
  await store.record([
    recordOf({ model: 'a\0b', ...wrong }),
    recordOf({ model: 'a\0b', ...wrong }),
    recordOf({ model: `"'{},\\` }),
  ]);
  expect((await store.summarize(MARCH)).map(({ model, requests }) => [model, requests])).toEqual([
    [`"'{},\\`, 1],
    ['a\uFFFDb', 2],
  ]);
});

it('purges old records of all owners', async () => {
  const store = await openStore();
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  await store.record([
    ...[91, 100, 400].map((days) => recordOf({ at: daysAgo(days), ownerId: `owner ${days}` })),
    recordOf({ at: daysAgo(89) }),
  ]);
  expect(await store.purge({ olderThanDays: 90 })).toBe(3);
  expect(await store.purge({ olderThanDays: 90 })).toBe(0);
});
