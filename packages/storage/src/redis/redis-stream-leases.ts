import type { StreamDemand } from '@prodigon/ports';
import type { RedisConnection } from './redis-connection.ts';
import { createRedisScript, NOW_LUA } from './redis-script.ts';

/** Time after which the streams of a gateway that was killed stop counting. */
export const LEASE_MS = 10_000;
const RENEWAL_MS = 3_000;

/** A bucket is a sorted set of streams by the end of their leases. Values: time, lease, stream, and the maximum of each key. */
const acquireScript = createRedisScript(`${NOW_LUA}
local lease, stream = tonumber(ARGV[2]), ARGV[3]
for index, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if redis.call('ZCARD', key) >= tonumber(ARGV[index + 3]) then return index - 1 end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + lease, stream)
  redis.call('PEXPIRE', key, lease)
end
return -1`);

/** Values: time, lease, and the streams of the only key. */
const renewScript = createRedisScript(`${NOW_LUA}
local lease = tonumber(ARGV[2])
for index = 3, #ARGV do redis.call('ZADD', KEYS[1], now + lease, ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], lease)`);

export interface RedisStreamLeasesOptions {
  readonly connection: Pick<RedisConnection, 'run' | 'onChange'>;
  /** Start of every key. */
  readonly prefix?: string;
  /** Returns milliseconds. By default, the clock of Redis decides. */
  readonly now?: () => number;
}

/** The open streams of all gateways, in Redis. */
export interface RedisStreamLeases {
  /** Leases the stream in all buckets and returns -1, or returns the index of a full bucket. Rejects without Redis. */
  acquire(stream: string, demands: readonly StreamDemand[]): Promise<number>;
  /** Renews the leases of a stream until it is released. Redis learns of a new stream with the next renewal. */
  keep(stream: string, demands: readonly StreamDemand[]): void;
  release(stream: string): Promise<void>;
  renew(): Promise<void>;
  close(): void;
}

export function createRedisStreamLeases({
  connection,
  prefix = 'prodigon:streams:',
  now,
}: RedisStreamLeasesOptions): RedisStreamLeases {
  /** Streams of this gateway, by bucket. */
  const streamsOf = new Map<string, Set<string>>();
  const bucketsOf = new Map<string, readonly string[]>();
  const time = () => now?.() ?? '';
  const keyOf = (bucket: string) => `${prefix}${bucket}`;

  async function renew(): Promise<void> {
    const renewals = [...streamsOf].map(([bucket, streams]) =>
      connection.run((redis) => renewScript(redis, [keyOf(bucket)], [time(), LEASE_MS, ...streams])),
    );
    // The next renewal follows, and a change of the connection starts one.
    await Promise.allSettled(renewals);
  }

  const timer = setInterval(() => void renew(), RENEWAL_MS);
  timer.unref();
  // Redis may have lost its data, and does not know the streams that began meanwhile.
  const unsubscribe = connection.onChange((isAvailable) => isAvailable && void renew());

  return {
    renew,
    async acquire(stream, demands) {
      const keys = demands.map(({ bucket }) => keyOf(bucket));
      const values = [time(), LEASE_MS, stream, ...demands.map(({ max }) => max)];
      return Number(await connection.run((redis) => acquireScript(redis, keys, values)));
    },
    keep(stream, demands) {
      const buckets = demands.map(({ bucket }) => bucket);
      bucketsOf.set(stream, buckets);
      for (const bucket of buckets) {
        const streams = streamsOf.get(bucket) ?? new Set();
        streamsOf.set(bucket, streams.add(stream));
      }
    },
    async release(stream) {
      const buckets = bucketsOf.get(stream) ?? [];
      bucketsOf.delete(stream);
      for (const bucket of buckets) {
        const streams = streamsOf.get(bucket);
        streams?.delete(stream);
        if (streams?.size === 0) streamsOf.delete(bucket);
      }
      if (buckets.length === 0) return;
      // The lease expires when Redis does not receive this.
      const removal = connection.run((redis) => {
        const removals = redis.pipeline();
        for (const bucket of buckets) removals.zrem(keyOf(bucket), stream);
        return removals.exec();
      });
      await removal.catch(() => {});
    },
    close() {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
