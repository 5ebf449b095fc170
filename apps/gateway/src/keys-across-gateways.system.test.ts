import { randomUUID } from 'node:crypto';
import { readRawEvents, streamChunks } from '@prodigon/api-client/raw-events';
import type { ApiKey, CreatedApiKey } from '@prodigon/contracts';
import { createTestDatabase, type RunningApp, startApp } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ADMIN = 'key-of-the-admin-0123456789';
const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5';
/** Is in flight until the budget store has decided about other requests. */
const SLOW_MODEL = 'prodigon-sim?ttft_ms=3000&tokens_per_s=100000&tokens=5';
/** Sends its first token, then nothing. */
const STALLED_MODEL = 'prodigon-sim?ttft_ms=0&tokens=1000&fault=stall&after=1';
/** After this time, every gateway applies a change that another one made. */
const APPLIES_WITHIN_MS = 5_000;
const STREAMS_END_WITHIN_MS = 60_000;

type Pair<Value> = readonly [Value, Value];
let gateways: Pair<RunningApp>;
let close: () => Promise<void>;

/** Starts two gateways, each with a model service of its own, on one database. */
beforeAll(async () => {
  const database = await createTestDatabase({ isMigrated: true });
  const env = {
    API_KEYS: `root:admin=${ADMIN}`,
    DATABASE_URL: database.url,
    INTERNAL_TOKEN: 'token-of-this-test-0123',
    USE_MOCK: 'true',
  };
  const apps: RunningApp[] = [];
  close = async () => {
    await Promise.all(apps.map((app) => app.close()));
    await database.drop();
  };
  async function startSite(): Promise<RunningApp> {
    const model = await startApp('model', env);
    apps.push(model);
    const gateway = await startApp('gateway', { ...env, MODEL_SERVICE_URL: model.url });
    apps.push(gateway);
    return gateway;
  }
  gateways = await Promise.all([startSite(), startSite()]);
});
afterAll(() => close?.());

function call({ url }: RunningApp, value: string, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${url}/api/v1${path}`, {
    method,
    // Typed streams report the codes of errors.
    headers: { authorization: `Bearer ${value}`, 'x-stream-version': '2', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function manage<Body>(method: string, path: string, body?: object): Promise<Body> {
  const response = await call(gateways[0], ADMIN, method, path, body);
  expect(response.ok).toBe(true);
  return (await response.json()) as Body;
}
const createKey = (rights: object = {}) =>
  manage<CreatedApiKey>('POST', '/keys', { name: `laptop ${randomUUID()}`, owner: 'ada', ...rights });

const generate = (gateway: RunningApp, value: string, model = MODEL) =>
  call(gateway, value, 'POST', '/generate', { prompt: 'Hi', model });
const statusesOf = (value: string) => Promise.all(gateways.map(async (gateway) => (await generate(gateway, value)).status));

/**
 * Sends requests until the gateway refuses them with `status`. A request that starts after `deadline` must be refused,
 * however busy the machine is.
 */
async function expectRefusal(gateway: RunningApp, value: string, status: number, deadline: number): Promise<void> {
  for (;;) {
    const startedAt = Date.now();
    const response = await generate(gateway, value);
    await response.arrayBuffer();
    if (response.status === status) return;
    // The model service may learn of the end of a key before the gateway.
    expect([200, 403]).toContain(response.status);
    expect(startedAt).toBeLessThanOrEqual(deadline);
  }
}

/** Opens a stream, and returns the events after its first token once it has ended. */
async function openStream(gateway: RunningApp, value: string): Promise<{ rest: Promise<string> }> {
  const response = await call(gateway, value, 'POST', '/generate/stream', { prompt: 'Hi', model: STALLED_MODEL });
  expect(response.status).toBe(200);
  const events = readRawEvents(streamChunks(response.body as ReadableStream<Uint8Array>));
  await events.next();
  async function readRest(): Promise<string> {
    const rest: string[] = [];
    for await (const { event, data } of events) rest.push(`${event} ${data}`);
    return rest.join('\n');
  }
  return { rest: readRest() };
}

// Each test has a key of its own, and mostly waits for the other gateway.
describe.concurrent('keys on two gateways', () => {
  it('refuses a revoked key immediately, on the other gateway within five seconds, and ends its streams', async ({ expect }) => {
    const { id, key } = await createKey();
    const streams = await Promise.all(gateways.map((gateway) => openStream(gateway, key)));
    await manage('DELETE', `/keys/${id}`);
    const revokedAt = Date.now();
    expect((await generate(gateways[0], key)).status).toBe(401);
    await expectRefusal(gateways[1], key, 401, revokedAt + APPLIES_WITHIN_MS);
    for (const { rest } of streams) expect(await rest).toContain('UNAUTHENTICATED');
    expect(Date.now() - revokedAt).toBeLessThan(STREAMS_END_WITHIN_MS);

    await manage('PATCH', `/keys/${id}`, { revoked: false });
    await expect.poll(() => statusesOf(key), { timeout: 60_000 }).toEqual([200, 200]);
  });

  it('ends the keys that a revoked key created, on both gateways', async () => {
    const parent = await createKey();
    const created = (await (await call(gateways[1], parent.key, 'POST', '/keys', { name: 'script' })).json()) as CreatedApiKey;
    expect(await statusesOf(created.key)).toEqual([200, 200]);
    await manage('DELETE', `/keys/${parent.id}`);
    await expectRefusal(gateways[0], created.key, 401, Date.now());
    await expectRefusal(gateways[1], created.key, 401, Date.now() + APPLIES_WITHIN_MS);
  });

  it('refuses an expired key on both gateways', async () => {
    const { id, key } = await createKey();
    expect(await statusesOf(key)).toEqual([200, 200]);
    const expiresAt = Date.now() + APPLIES_WITHIN_MS;
    await manage('PATCH', `/keys/${id}`, { expires_at: new Date(expiresAt).toISOString() });
    const changedAt = Date.now();
    await Promise.all([
      expectRefusal(gateways[0], key, 401, expiresAt),
      expectRefusal(gateways[1], key, 401, Math.max(expiresAt, changedAt + APPLIES_WITHIN_MS)),
    ]);
  });

  it('accepts both values of a rotated key during the overlap, on both gateways', async () => {
    const { id, key: first } = await createKey();
    const { key: second } = await manage<CreatedApiKey>('POST', `/keys/${id}/rotate`, { overlap_seconds: 3_600 });
    expect([await statusesOf(first), await statusesOf(second)]).toEqual([
      [200, 200],
      [200, 200],
    ]);
    const { key: third } = await manage<CreatedApiKey>('POST', `/keys/${id}/rotate`, { overlap_seconds: 0 });
    const rotatedAt = Date.now();
    for (const old of [first, second]) {
      expect((await generate(gateways[0], old)).status).toBe(401);
      await expectRefusal(gateways[1], old, 401, rotatedAt + APPLIES_WITHIN_MS);
    }
    expect(await statusesOf(third)).toEqual([200, 200]);
  });

  it('applies a change of the allowed models on both gateways', async () => {
    const { id, key } = await createKey();
    expect(await statusesOf(key)).toEqual([200, 200]);
    await manage('PATCH', `/keys/${id}`, { models: ['prodigon-tutor'] });
    const deadline = Date.now() + APPLIES_WITHIN_MS;
    await Promise.all(gateways.map((gateway) => expectRefusal(gateway, key, 403, deadline)));
  });

  it('lets one of a hundred concurrent requests through when one token of the budget is left', async ({ expect }) => {
    const { id, key } = await createKey({ budget: { tokens_per_day: 1_000_000 } });
    const { usage } = (await (await generate(gateways[0], key)).json()) as { usage: { total_tokens: number } };
    const spentTokens = async () => (await manage<ApiKey>('GET', `/keys/${id}`)).spending?.day.tokens;
    await expect.poll(spentTokens, { timeout: 60_000 }).toBe(usage.total_tokens);
    await manage('PATCH', `/keys/${id}`, { budget: { tokens_per_day: usage.total_tokens + 1 } });
    const responses = await Promise.all(
      Array.from({ length: 100 }, (_, index) => generate(gateways[index % 2] as RunningApp, key, SLOW_MODEL)),
    );
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    await expect.poll(spentTokens, { timeout: 60_000 }).toBe(2 * usage.total_tokens);
    for (const gateway of gateways) expect((await generate(gateway, key)).status).toBe(429);
  });
});
