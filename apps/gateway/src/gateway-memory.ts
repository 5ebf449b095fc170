import type { PreparedProcess } from '@prodigon/platform';
import { createMemoryLimits, type Limits, type RedisConnection } from '@prodigon/storage';

/**
 * Opens what gateways share in Redis, or keep in their own memory without it: the limits, and the response cache unless
 * `CACHE_TTL_S` is 0. The caller closes Redis after the limits.
 */
export async function openGatewayMemory(prepared: PreparedProcess, redis: RedisConnection | undefined) {
  const [limits, cache] = await Promise.all([openLimits(prepared, redis), openCache(prepared, redis)]);
  return { limits, cache };
}

async function openLimits(
  { configuration, logger, metrics }: PreparedProcess,
  connection: RedisConnection | undefined,
): Promise<Limits> {
  const gateways = configuration.GATEWAY_SERVICE_URL?.length ?? 1;
  if (connection === undefined) return createMemoryLimits({ gateways });
  const { openRedisLimits } = await import('@prodigon/storage/redis');
  return openRedisLimits({ connection, gateways, logger, metrics });
}

async function openCache({ configuration }: PreparedProcess, redis: RedisConnection | undefined) {
  const ttlMs = configuration.CACHE_TTL_S * 1_000;
  if (ttlMs === 0) return undefined;
  if (redis === undefined) {
    const { createMemoryResponseCache } = await import('@prodigon/storage/cache');
    return createMemoryResponseCache({ ttlMs, bytesMax: configuration.CACHE_MB_MAX * 1_048_576 });
  }
  const { createRedisResponseCache } = await import('@prodigon/storage/redis');
  return createRedisResponseCache({ redis, ttlMs });
}
