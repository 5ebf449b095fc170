import { type RunningApp, startApp, startTestRedis, type TestRedis } from '@prodigon/testing';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { untilAcquainted } from './acquainted-gateways.test-support.ts';

const WAIT = { timeout: 60_000, interval: 50 };
const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=1';
/** Sends its first token, then nothing. */
const STALLED_MODEL = 'prodigon-sim?ttft_ms=0&tokens=1000&fault=stall';

let redis: TestRedis;
let model: RunningApp;
let env: Record<string, string>;
beforeAll(async () => {
  const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123', USE_MOCK: 'true', DRAIN_TIMEOUT_MS: '1' };
  [redis, model] = await Promise.all([startTestRedis(), startApp('model', shared)]);
  env = { ...shared, MODEL_SERVICE_URL: model.url, REDIS_URL: redis.url };
});
afterAll(async () => {
  await model.close();
  await redis.close();
});
beforeEach(() => redis.restart());

async function startTwoGateways(variables: Record<string, string>): Promise<[RunningApp, RunningApp]> {
  const start = () => startApp('gateway', { ...env, ...variables });
  const gateways = await Promise.all([start(), start()]);
  onTestFinished(async () => void (await Promise.all(gateways.map((gateway) => gateway.close()))));
  return gateways;
}

function post(
  { url }: RunningApp,
  { path = '/api/v1/generate', model: id = MODEL, signal }: PostOptions = {},
): Promise<Response> {
  const body = JSON.stringify({ prompt: 'Hi', model: id });
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}${path}`, { method: 'POST', headers, body, ...(signal && { signal }) });
}
interface PostOptions {
  path?: string;
  model?: string;
  signal?: AbortSignal;
}

async function limitsLocal({ url }: RunningApp): Promise<string | undefined> {
  return /^limits_local (.+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
}

it('admits the burst and what a minute restores of 200 requests over two gateways', async () => {
  const gateways = await startTwoGateways({ LIMIT_REQUESTS_PER_MIN: '60' });
  const startedAt = performance.now();
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => (await post(gateways[index % 2] as RunningApp)).status),
  );
  const elapsedSeconds = (performance.now() - startedAt) / 1_000;
  const admitted = statuses.filter((status) => status === 200).length;
  expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
  expect(admitted).toBeGreaterThanOrEqual(60);
  expect(admitted).toBeLessThanOrEqual(60 + elapsedSeconds);
});

it('counts streams of both gateways, and those of a killed gateway no longer', async () => {
  const [first, second] = await startTwoGateways({ LIMIT_STREAMS: '1' });
  const path = '/api/v1/generate/stream';
  const reading = post(first, { path, model: STALLED_MODEL });
  expect((await reading).status).toBe(200);
  const rejected = await post(second, { path });
  expect([rejected.status, (await rejected.json()).error.message]).toEqual([
    429,
    'The owner "local" has reached its limit of 1 concurrent stream. Retry when one of them ends.',
  ]);

  first.kill('SIGKILL');
  await first.exited;
  await vi.waitFor(async () => expect((await post(second, { path })).status).toBe(200), WAIT);
});

it('limits at each gateway while Redis is suspended, killed or flushed, and fails no request', async () => {
  const gateways = await startTwoGateways({ LIMIT_REQUESTS_PER_MIN: '2' });
  const [first] = gateways;
  const statuses = new Set<number>();
  /** Sends a request to each gateway, and returns the limits that they tell. */
  async function tellLimits(): Promise<(string | null)[]> {
    const responses = await Promise.all(gateways.map((gateway) => post(gateway)));
    for (const { status } of responses) statuses.add(status);
    return responses.map(({ headers }) => headers.get('x-ratelimit-limit-requests'));
  }
  const untilLimits = (limit: string) => vi.waitFor(async () => expect(await tellLimits()).toEqual([limit, limit]), WAIT);
  await untilLimits('2');
  await untilAcquainted(redis);

  await redis.kill('SIGSTOP');
  await vi.waitFor(async () => {
    await tellLimits();
    expect(await limitsLocal(first)).toBe('1');
  }, WAIT);
  await redis.kill('SIGCONT');
  await untilLimits('2');
  await redis.flush();
  await untilLimits('2');
  await untilAcquainted(redis);
  await redis.kill('SIGKILL');
  await untilLimits('1');
  const refused = await post(first);
  expect((await refused.json()).error.message).toContain('per minute on this gateway.');
  await redis.restart();
  await untilLimits('2');
  expect(await limitsLocal(first)).toBe('0');
  expect([...statuses].sort()).toEqual([200, 429]);
});

it('gives back the tokens that a response did not use, on all gateways', async () => {
  const [first, second] = await startTwoGateways({ LIMIT_TOKENS_PER_MIN: '5000' });
  const remaining = async (gateway: RunningApp) => Number((await post(gateway)).headers.get('x-ratelimit-remaining-tokens'));
  const reserved = 1_001;
  expect(await remaining(first)).toBe(5_000 - reserved);
  await vi.waitFor(async () => expect(await remaining(second)).toBeGreaterThan(5_000 - 2 * reserved), WAIT);
});
