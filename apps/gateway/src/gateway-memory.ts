import type { PreparedProcess } from '@prodigon/platform';
import { createMemoryLimits, type Limits, type RedisConnection } from '@prodigon/storage';

/** What the gateway keeps in Redis, or in its own memory without `REDIS_URL`. */
export interface GatewayMemory {
  readonly limits: Limits;
  close(): Promise<void>;
}

export async function openGatewayMemory(
  { configuration, logger, metrics }: PreparedProcess,
  redis: RedisConnection | undefined,
): Promise<GatewayMemory> {
  const gateways = configuration.GATEWAY_SERVICE_URL?.length ?? 1;
  if (redis === undefined) {
    const limits = createMemoryLimits({ gateways });
    return { limits, close: limits.close };
  }
  const { createRedisLimits } = await import('@prodigon/storage/redis');
  const limits = createRedisLimits({ connection: redis, gateways, logger, metrics });
  return { limits, close: limits.close };
}
