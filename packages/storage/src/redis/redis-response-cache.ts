import { randomUUID } from 'node:crypto';
import { sleep } from '@prodigon/contracts';
import type { CacheFlight, CacheLookup, LookupOptions, ResponseCache } from '@prodigon/ports';
import { RESPONSE_BYTES_MAX } from '../cache/memory-response-cache.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface RedisResponseCacheOptions {
  readonly redis: RedisConnection;
  readonly ttlMs: number;
  /** Milliseconds after which identical requests no longer wait for a process that died. */
  readonly leaseMs?: number;
}

/** A busy process renews its lease late. */
const LEASE_MS = 5_000;
/** Waiting requests poll, at increasing intervals, which needs no second connection and survives every loss of the first. */
const POLL_MS = { first: 20, max: 200, factor: 1.5 };
/** Longer than a waiting request takes to poll. */
const END_MS = 10_000;

/**
 * Returns the response, or who calls the model for it. A process that dies does not renew its lease. A flight that ended
 * without a response leaves a mark, so that the requests that waited for it do not wait for each other.
 */
const LOOKUP = `
local response = redis.call('GET', KEYS[1])
if response then return {'hit', response} end
if redis.call('EXISTS', KEYS[3]) == 1 then return {'ended'} end
local flight = redis.call('GET', KEYS[2])
if flight then return {'wait', flight} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {'lead'}`;

const RENEW = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end`;

const END = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
if ARGV[2] == 'completed' and redis.call('EXISTS', KEYS[2]) == 0 then redis.call('SET', KEYS[3], '', 'PX', ARGV[3]) end`;

/** Creates a cache that all gateways share. Redis evicts responses by its own policy when its memory is full. */
export function createRedisResponseCache({ redis, ttlMs, leaseMs = LEASE_MS }: RedisResponseCacheOptions): ResponseCache {
  const run = (script: string, keys: readonly string[], values: readonly (string | number)[]) =>
    redis.run((client) => client.callBuffer('EVAL', script, keys.length, ...keys, ...values)) as Promise<Buffer[] | null>;

  function begin(key: string, token: string): CacheFlight {
    const renewals = setInterval(() => void run(RENEW, [flightKey(key)], [token, leaseMs]).catch(ignoreFailure), leaseMs / 3);
    renewals.unref();
    let isEnded = false;
    return {
      end(result) {
        if (isEnded) return;
        isEnded = true;
        clearInterval(renewals);
        run(END, [flightKey(key), responseKey(key), endKey(key, token)], [token, result, END_MS]).catch(ignoreFailure);
      },
    };
  }

  async function lookup(key: string, { waitMs, signal }: LookupOptions): Promise<CacheLookup> {
    const until = performance.now() + waitMs;
    const token = randomUUID();
    let awaited = '';
    for (let pollMs = POLL_MS.first; ; pollMs = Math.min(pollMs * POLL_MS.factor, POLL_MS.max)) {
      const reply = await run(LOOKUP, [responseKey(key), flightKey(key), endKey(key, awaited)], [token, leaseMs]);
      const [result, value] = reply as [Buffer, Buffer];
      switch (result.toString()) {
        case 'hit':
          return { result: 'hit', response: value };
        case 'lead':
          return { result: 'miss', flight: begin(key, token) };
        case 'ended':
          return { result: 'miss', flight: null };
      }
      awaited = value.toString();
      if (performance.now() >= until) return { result: 'miss', flight: null };
      await sleep(pollMs, signal);
    }
  }

  return {
    responseBytesMax: RESPONSE_BYTES_MAX,
    lookup: (key, options) =>
      lookup(key, options).catch(() => {
        options.signal.throwIfAborted();
        return { result: 'unavailable' };
      }),
    async store(key, response) {
      if (response.length > RESPONSE_BYTES_MAX) return;
      const value = Buffer.from(response.buffer, response.byteOffset, response.length);
      await redis.run((client) => client.set(responseKey(key), value, 'PX', ttlMs)).catch(ignoreFailure);
    },
  };
}

/** The connection reports when Redis is unavailable. */
const ignoreFailure = () => {};

const responseKey = (key: string) => `prodigon:cache:{${key}}:response`;
const flightKey = (key: string) => `prodigon:cache:{${key}}:flight`;
const endKey = (key: string, token: string) => `prodigon:cache:{${key}}:end:${token}`;
