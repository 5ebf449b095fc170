import type { Configuration } from '@prodigon/platform/configuration';
import type { RedisConnection, RedisConnectionOptions } from './redis/redis-connection.ts';

export interface RedisProcess extends Required<Pick<RedisConnectionOptions, 'logger' | 'metrics'>> {
  readonly configuration: Configuration;
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
