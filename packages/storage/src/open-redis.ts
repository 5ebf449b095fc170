import type { Configuration, Logger, Metrics } from '@prodigon/platform';
import type { RedisConnection } from './redis/redis-connection.ts';

export interface RedisProcess {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Connects this process to the Redis of `REDIS_URL` and waits for the first attempt, also a failed one. Returns undefined
 * without `REDIS_URL`, and does not load the client then.
 */
export async function openRedis({ configuration, logger, metrics }: RedisProcess): Promise<RedisConnection | undefined> {
  const { REDIS_URL: url } = configuration;
  if (url === undefined) return undefined;
  const { createRedisConnection } = await import('./redis/redis-connection.ts');
  const connection = createRedisConnection({ url, logger, metrics });
  await connection.connected();
  return connection;
}
