import { AppError } from '@prodigon/contracts';
import type { CacheFlight, CacheLookup, ResponseCache } from '@prodigon/ports';
import { startTestRedis, type TestRedis } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRedisConnection } from '../redis/redis-connection.ts';
import { createRedisResponseCache } from '../redis/redis-response-cache.ts';
import { createMemoryResponseCache } from './memory-response-cache.ts';

const WAIT = { timeout: 30_000, interval: 5 };
const DAY_MS = 86_400_000;
const KEY = 'ab'.repeat(32);
const bytes = (text: string) => new TextEncoder().encode(text);

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.close());

/** Returns the caches of two gateways, which share their responses. */
const CACHES = {
  async memory(ttlMs: number): Promise<[ResponseCache, ResponseCache]> {
    const cache = createMemoryResponseCache({ ttlMs, bytesMax: 64 << 20 });
    return [cache, cache];
  },
  async redis(ttlMs: number): Promise<[ResponseCache, ResponseCache]> {
    await server.flush();
    const open = async () => {
      const redis = createRedisConnection({ url: server.url, timeoutMs: 30_000 });
      onTestFinished(() => redis.close());
      await redis.connected();
      return createRedisResponseCache({ redis, ttlMs });
    };
    return [await open(), await open()];
  },
};

describe.each(Object.entries(CACHES))('response cache: %s', (_name, openCaches) => {
  async function setUp({ ttlMs = DAY_MS } = {}) {
    const [cache, other] = await openCaches(ttlMs);
    const lookup = (from = cache, { key = KEY, waitMs = DAY_MS, signal = new AbortController().signal } = {}) =>
      from.lookup(key, { waitMs, signal });
    return { cache, other, lookup };
  }

  const flightOf = (lookup: CacheLookup): CacheFlight => {
    if (lookup.result !== 'miss' || !lookup.flight) throw new Error(`Expected a flight, not ${lookup.result}`);
    return lookup.flight;
  };
  /** Counts the lookups that have returned, by what they say. */
  function count(lookups: readonly Promise<CacheLookup>[]) {
    const counts = { hit: 0, alone: 0, unavailable: 0 };
    const flights: CacheFlight[] = [];
    for (const lookup of lookups)
      void lookup.then((found) => {
        if (found.result !== 'miss') counts[found.result] += 1;
        else if (found.flight) flights.push(found.flight);
        else counts.alone += 1;
      });
    return { counts, flights };
  }

  it('returns a stored response, byte for byte, to every process', async () => {
    const { cache, other, lookup } = await setUp();
    const response = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await cache.store(KEY, response);
    for (const from of [cache, other]) {
      const found = await lookup(from);
      expect(found.result).toBe('hit');
      expect(found.result === 'hit' && Buffer.compare(found.response, response)).toBe(0);
    }
    expect(await lookup(cache, { key: 'cd'.repeat(32) })).toMatchObject({ result: 'miss' });
  });

  it('keeps the response when the caller changes its buffer', async () => {
    const { cache, lookup } = await setUp();
    const response = bytes('Hello');
    await cache.store(KEY, response);
    response.fill(0);
    const found = await lookup();
    expect(found.result === 'hit' && Buffer.from(found.response).toString()).toBe('Hello');
  });

  it('forgets a response after its time', async () => {
    const { cache, lookup } = await setUp({ ttlMs: 30 });
    await cache.store(KEY, bytes('Hello'));
    await vi.waitFor(async () => expect(await lookup(cache, { waitMs: 0 })).toMatchObject({ result: 'miss' }), WAIT);
  });

  it('stores nothing larger than its limit', async () => {
    const { cache, lookup } = await setUp();
    await cache.store(KEY, new Uint8Array(cache.responseBytesMax + 1));
    const found = await lookup();
    expect(found.result).toBe('miss');
    await cache.store(KEY, new Uint8Array(cache.responseBytesMax));
    expect((await lookup()).result).toBe('hit');
  });

  it('calls the model once for 50 concurrent requests to two processes', async () => {
    const { cache, other, lookup } = await setUp();
    const lookups = Array.from({ length: 50 }, (_, index) => lookup(index % 2 ? cache : other));
    const { counts, flights } = count(lookups);
    await expect.poll(() => flights.length, WAIT).toBe(1);
    await cache.store(KEY, bytes('Hello'));
    flights[0]?.end('completed');
    await Promise.all(lookups);
    expect({ ...counts, flights: flights.length }).toEqual({ hit: 49, alone: 0, unavailable: 0, flights: 1 });
  });

  it('lets all waiting requests call the model concurrently when a response cannot be stored', async () => {
    const { cache, other, lookup } = await setUp();
    const first = flightOf(await lookup());
    const lookups = Array.from({ length: 20 }, (_, index) => lookup(index % 2 ? cache : other));
    first.end('completed');
    const alone = lookups.map(async (each) => {
      const found = await each;
      // A request of the other process may arrive after the end, and others may wait for it.
      if (found.result === 'miss') found.flight?.end('completed');
      return found.result === 'miss' && found.flight === null;
    });
    // The requests of the first process have arrived before the end.
    expect((await Promise.all(alone)).filter(Boolean).length).toBeGreaterThanOrEqual(10);
  });

  it('lets one waiting request call the model for all when the first one is cancelled', async () => {
    const { cache, other, lookup } = await setUp();
    const first = flightOf(await lookup());
    const lookups = Array.from({ length: 20 }, (_, index) => lookup(index % 2 ? cache : other));
    const { counts, flights } = count(lookups);
    first.end('cancelled');
    await expect.poll(() => flights.length, WAIT).toBe(1);
    await cache.store(KEY, bytes('Hello'));
    flights[0]?.end('completed');
    await Promise.all(lookups);
    expect([counts.hit, counts.alone, flights.length]).toEqual([19, 0, 1]);
  });

  it('ends a flight only once', async () => {
    const { lookup, other } = await setUp();
    const first = flightOf(await lookup());
    first.end('cancelled');
    const second = flightOf(await lookup(other));
    first.end('completed');
    const waiting = lookup();
    second.end('cancelled');
    flightOf(await waiting);
  });

  it('waits for a request in flight no longer than the caller allows', async () => {
    const { lookup, other } = await setUp();
    flightOf(await lookup());
    expect(await lookup(other, { waitMs: 0 })).toEqual({ result: 'miss', flight: null });
    expect(await lookup(other, { waitMs: 50 })).toEqual({ result: 'miss', flight: null });
  });

  it('stops waiting when the caller disconnects', async () => {
    const { lookup, other } = await setUp();
    flightOf(await lookup());
    const disconnecting = new AbortController();
    const waiting = lookup(other, { signal: disconnecting.signal });
    disconnecting.abort(new AppError('CANCELLED'));
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('memory response cache', () => {
  const entries = (cache: ResponseCache, keys: readonly string[]) =>
    Promise.all(keys.map(async (key) => (await cache.lookup(key, { waitMs: 0, signal: new AbortController().signal })).result));

  it('removes the least recently used responses at its limit of bytes', async () => {
    const cache = createMemoryResponseCache({ ttlMs: DAY_MS, bytesMax: 3_000 });
    for (const key of ['a', 'b']) await cache.store(key, new Uint8Array(900));
    expect(await entries(cache, ['a'])).toEqual(['hit']);
    await cache.store('c', new Uint8Array(900));
    expect(await entries(cache, ['a', 'b', 'c'])).toEqual(['hit', 'miss', 'hit']);
  });

  it('counts the overhead of small responses', async () => {
    const cache = createMemoryResponseCache({ ttlMs: DAY_MS, bytesMax: 10_000 });
    const keys = Array.from({ length: 1_000 }, (_, index) => String(index));
    for (const key of keys) await cache.store(key, new Uint8Array(1));
    const results = await entries(cache, keys);
    expect(results.filter((result) => result === 'hit').length).toBeLessThan(50);
  });

  it('returns a response until its time, and not after it', async () => {
    let now = 1_000;
    const cache = createMemoryResponseCache({ ttlMs: 60_000, bytesMax: 10_000, now: () => now });
    await cache.store('a', new Uint8Array(1));
    now += 59_999;
    expect(await entries(cache, ['a'])).toEqual(['hit']);
    now += 2;
    expect(await entries(cache, ['a'])).toEqual(['miss']);
  });
});
