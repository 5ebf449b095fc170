import { hash } from 'node:crypto';
import { type Redis, ReplyError } from 'ioredis';

/** Runs a Lua script in one step. */
export type RedisScript = (redis: Redis, keys: readonly string[], values: readonly (string | number)[]) => Promise<unknown>;

/**
 * The start of scripts that need the time: milliseconds since 2023, in which a double resolves nanoseconds. All gateways
 * use the clock of Redis. Tests pass a time as the first value.
 */
export const NOW_LUA = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = (tonumber(time[1]) - 1672531200) * 1000 + tonumber(time[2]) / 1000
end
`;

/** Creates a script, which Redis receives once and then runs by its hash. */
export function createRedisScript(lua: string): RedisScript {
  const sha1 = hash('sha1', lua);
  return async (redis, keys, values) => {
    try {
      return await redis.evalsha(sha1, keys.length, ...keys, ...values);
    } catch (thrown) {
      // Redis forgets scripts when it restarts.
      if (!(thrown instanceof ReplyError) || !(thrown as Error).message.startsWith('NOSCRIPT')) throw thrown;
      return redis.eval(lua, keys.length, ...keys, ...values);
    }
  };
}
