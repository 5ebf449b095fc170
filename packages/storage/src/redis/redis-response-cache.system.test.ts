import type { CacheFlight, ResponseCache } from '@prodigon/ports';
import { startTestRedis, type TestRedis } from '@prodigon/testing';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createRedisConnection } from './redis-connection.ts';
import { createRedisResponseCache } from './redis-response-cache.ts';

const WAIT = { timeout: 30_000, interval: 10 };
const DAY_MS = 86_400_000;
const KEY = 'ab'.repeat(32);
const FLIGHT = `prodigon:cache:{${KEY}}:flight`;

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.close());
beforeEach(() => server.restart());

async function open({ leaseMs = 60_000 } = {}) {
  const redis = createRedisConnection({ url: server.url });
  onTestFinished(() => redis.close());
  await redis.connected();
  const cache = createRedisResponseCache({ redis, ttlMs: DAY_MS, leaseMs });
  return { redis, cache };
}
const lookup = (cache: ResponseCache, waitMs = DAY_MS) => cache.lookup(KEY, { waitMs, signal: new AbortController().signal });
async function lead(cache: ResponseCache): Promise<CacheFlight> {
  const found = await lookup(cache);
  if (found.result !== 'miss' || !found.flight) throw new Error(`Expected a flight, not ${found.result}`);
  return found.flight;
}
const timeLeftMs = async () => Number((await server.run(`PTTL ${FLIGHT}`)).slice(1));

it('lets another process call the model when the one that calls it has died', async () => {
  const dying = await open({ leaseMs: 100 });
  const { cache } = await open();
  await lead(dying.cache);
  const waiting = [lookup(cache), lookup(cache)];
  await dying.redis.close();
  const found = await Promise.race(waiting);
  expect(found).toMatchObject({ result: 'miss', flight: expect.anything() });
  await cache.store(KEY, new Uint8Array(1));
  expect((await Promise.all(waiting)).map(({ result }) => result).sort()).toEqual(['hit', 'miss']);
});

it('holds its lease for as long as the model responds', async () => {
  const { cache } = await open({ leaseMs: 3_000 });
  const flight = await lead(cache);
  let last = await timeLeftMs();
  let renewals = 0;
  await vi.waitFor(async () => {
    const left = await timeLeftMs();
    if (left > last) renewals += 1;
    last = left;
    expect(renewals).toBe(2);
  }, WAIT);
  flight.end('cancelled');
  await vi.waitFor(async () => expect(await timeLeftMs()).toBe(-2), WAIT);
});

it('gives every response a time to live', async () => {
  const { cache } = await open();
  await cache.store(KEY, new Uint8Array(1));
  const left = Number((await server.run(`PTTL prodigon:cache:{${KEY}}:response`)).slice(1));
  expect(left).toBeGreaterThan(DAY_MS - 60_000);
  expect(left).toBeLessThanOrEqual(DAY_MS);
});

it('is unavailable without Redis, stores nothing then, and returns with it', async () => {
  const { cache } = await open();
  const flight = await lead(cache);
  await server.kill('SIGKILL');
  expect(await lookup(cache)).toEqual({ result: 'unavailable' });
  await cache.store(KEY, new Uint8Array(1));
  flight.end('completed');
  await server.restart();
  await vi.waitFor(async () => expect((await lookup(cache, 0)).result).toBe('miss'), WAIT);
});

it.each(['SIGKILL', 'SIGSTOP'] as const)('stops waiting when Redis gets %s', async (signal) => {
  const { cache } = await open();
  await lead(cache);
  const { cache: other } = await open();
  const waiting = lookup(other);
  await server.kill(signal);
  expect(await waiting).toEqual({ result: 'unavailable' });
});

it('calls the model again after a flush', async () => {
  const { cache } = await open();
  await cache.store(KEY, new Uint8Array(1));
  await server.flush();
  await lead(cache);
});
