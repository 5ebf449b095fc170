import type { RedisConnection } from './redis-connection.ts';
import { createRedisScript, NOW_LUA } from './redis-script.ts';

const KEY = 'prodigon:gateways';
const LEASE_MS = 10_000;
const RENEWAL_MS = 3_000;
/** Counts that the number considers, so that it falls only after gateways had time to register again after a flush. */
const COUNTS_MAX = 4;

/** A sorted set of gateways by the end of their leases. Values: time, lease and gateway. */
const registerScript = createRedisScript(`${NOW_LUA}
local lease = tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now + lease, ARGV[3])
redis.call('PEXPIRE', KEYS[1], lease)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZCARD', KEYS[1])`);

export interface RedisGatewayRegistryOptions {
  readonly connection: Pick<RedisConnection, 'run' | 'onChange' | 'connected'>;
  /** Unique id of this gateway. */
  readonly id: string;
  /** The number of gateways until Redis has told it. */
  readonly gateways: number;
}

export interface RedisGatewayRegistry {
  /** Returns the number of gateways that Redis knew last. */
  count(): number;
  close(): Promise<void>;
}

/**
 * Registers this gateway in Redis, so that each gateway knows its share of a limit while Redis is unavailable. Resolves
 * after the first registration. The other gateways learn of this one when they renew theirs, within three seconds.
 */
export async function openRedisGatewayRegistry({
  connection,
  id,
  gateways,
}: RedisGatewayRegistryOptions): Promise<RedisGatewayRegistry> {
  let counts: readonly number[] = [gateways];

  async function register(): Promise<void> {
    const count = Number(await connection.run((redis) => registerScript(redis, [KEY], ['', LEASE_MS, id])));
    counts = [...counts.slice(1 - COUNTS_MAX), count];
  }
  const registerSafely = () => register().catch(() => {});
  let registered = Promise.resolve();
  await connection.connected();
  const unsubscribe = connection.onChange((isAvailable) => {
    if (isAvailable) registered = registerSafely();
  });
  await registered;
  const timer = setInterval(() => void registerSafely(), RENEWAL_MS);
  timer.unref();

  return {
    count: () => Math.max(...counts),
    async close() {
      clearInterval(timer);
      unsubscribe();
      await connection.run((redis) => redis.zrem(KEY, id)).catch(() => {});
    },
  };
}
