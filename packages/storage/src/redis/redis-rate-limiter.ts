import type { RateDecision, RateDemand } from '@prodigon/ports';
import { type Correction, createDecision, ROUNDING_MS, toCells } from '../limits/gcra.ts';
import type { OccupiedBucket } from '../limits/memory-rate-limiter.ts';
import type { RedisConnection } from './redis-connection.ts';
import { createRedisScript, NOW_LUA } from './redis-script.ts';

/** Lua prints only 14 digits of a number unless it is formatted. */
const FORMAT = `local function text(number) return string.format('%.17g', number) end`;

/** Stores a time until it has passed. */
const STORE = `
local function store(key, untilMs)
  local ttl = math.ceil(untilMs - now)
  if ttl > 0 then redis.call('SET', key, text(untilMs), 'PX', ttl) else redis.call('DEL', key) end
end`;

/** The same decision as that of the memory limiter. Values: time, rounding, and the cost of each key. */
const takeScript = createRedisScript(`${NOW_LUA}${FORMAT}${STORE}
local refused, wait = -1, tonumber(ARGV[2])
local taken = {}
for index, key in ipairs(KEYS) do
  local cost = tonumber(ARGV[index + 2])
  taken[index] = math.max(tonumber(redis.call('GET', key) or now), now) + cost
  local excess = taken[index] - now - 60000
  if excess > wait then refused, wait = index - 1, excess end
end
local reply = { refused, text(wait), text(now) }
for index, key in ipairs(KEYS) do
  local cost = tonumber(ARGV[index + 2])
  if refused < 0 then store(key, taken[index]) else taken[index] = taken[index] - cost end
  reply[index + 3] = text(taken[index])
end
return reply`);

/** See `correct` for the rule. Values: time, then for each key the change and the time just after the request took it. */
const correctScript = createRedisScript(`${NOW_LUA}${FORMAT}${STORE}
for index, key in ipairs(KEYS) do
  local change, taken = tonumber(ARGV[index * 2]), tonumber(ARGV[index * 2 + 1])
  local current = tonumber(redis.call('GET', key) or now)
  if change > 0 then store(key, math.max(current, now) + change)
  else store(key, current - math.min(-change, math.max(0, taken - now))) end
end`);

/** Values: time, then for how long to occupy each key at least. */
const occupyScript = createRedisScript(`${NOW_LUA}${FORMAT}${STORE}
for index, key in ipairs(KEYS) do
  store(key, math.max(tonumber(redis.call('GET', key) or now), now + tonumber(ARGV[index + 1])))
end`);
/** Redis serves nobody else during a script. */
const SCRIPT_KEYS_MAX = 500;

export interface RedisRateLimiterOptions {
  readonly connection: Pick<RedisConnection, 'run'>;
  /** Start of every key. */
  readonly prefix?: string;
  /** Returns milliseconds. By default, the clock of Redis decides. */
  readonly now?: () => number;
}

/** A limiter that gateways share. `take` rejects while Redis is unavailable. */
export interface RedisRateLimiter {
  take(demands: readonly RateDemand[]): Promise<RateDecision>;
  /** Occupies each bucket at least for its time. Never fails: the next return of Redis follows a loss. */
  occupy(buckets: readonly OccupiedBucket[]): Promise<void>;
}

export function createRedisRateLimiter({
  connection,
  prefix = 'prodigon:rate:',
  now,
}: RedisRateLimiterOptions): RedisRateLimiter {
  const time = () => now?.() ?? '';
  const keysOf = (items: readonly { bucket: string }[]) => items.map(({ bucket }) => `${prefix}${bucket}`);

  async function applyCorrections(corrections: readonly Correction[]): Promise<void> {
    const values = corrections.flatMap(({ changeMs, takenUntilMs }) => [changeMs, takenUntilMs]);
    // What a request has taken stays taken when Redis does not receive this.
    await connection.run((redis) => correctScript(redis, keysOf(corrections), [time(), ...values])).catch(() => {});
  }

  return {
    async take(demands) {
      const cells = toCells(demands, 1);
      const values = [time(), ROUNDING_MS, ...cells.map(({ costMs }) => costMs)];
      const reply = await connection.run((redis) => takeScript(redis, keysOf(cells), values));
      const [refusedIndex = -1, retryAfterMs = 0, nowMs = 0, ...occupiedUntilMs] = (reply as unknown[]).map(Number);
      return createDecision({ cells, occupiedUntilMs, nowMs, refusedIndex, retryAfterMs }, applyCorrections);
    },
    async occupy(buckets) {
      const parts: Promise<unknown>[] = [];
      for (let start = 0; start < buckets.length; start += SCRIPT_KEYS_MAX) {
        const part = buckets.slice(start, start + SCRIPT_KEYS_MAX);
        const values = [time(), ...part.map(({ resetMs }) => resetMs)];
        parts.push(connection.run((redis) => occupyScript(redis, keysOf(part), values)));
      }
      await Promise.allSettled(parts);
    },
  };
}
