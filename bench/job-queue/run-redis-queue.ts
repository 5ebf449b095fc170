import { createDatabase } from '@prodigon/stack';
import { createPostgresJobQueue } from '@prodigon/storage';
import { createRedisConnection, createRedisJobQueue } from '@prodigon/storage/redis';
import { ensureProgram, PROGRAMS, startTestPostgres, startTestRedis } from '@prodigon/testing';
import { createBullmqSignal } from './bullmq-signal.ts';
import { installPeers, PEERS } from './peers.ts';
import { createProdigonVariant } from './prodigon-variant.ts';
import type { QueueVariant, QueueVariantOptions } from './queue-variant.ts';
import { CONCURRENCY, databaseUrl, measureAndReport } from './run-job-queue.ts';

/** Measures what a queue in Redis adds to the rows in PostgreSQL, as a list of ids and as signals of BullMQ. */
export async function runRedisQueue(): Promise<void> {
  installPeers();
  ensureProgram(PROGRAMS.redis);
  const [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()]);
  const options = { url: databaseUrl(postgres.url, 'prodigon_bench'), concurrency: CONCURRENCY };
  await createDatabase(options.url);
  const durability = 'PostgreSQL, without fsync';
  try {
    await measureAndReport('redis-queue', [
      { name: 'QUEUE_TYPE=postgres', durability, variant: await createProdigonVariant(options) },
      { name: 'QUEUE_TYPE=redis', durability, variant: await createRedisVariant(options, redis.url) },
      {
        name: `Each item signalled by BullMQ ${PEERS.bullmq}`,
        durability,
        variant: await createSignalledVariant(options, redis.url),
      },
    ]);
  } finally {
    await Promise.all([postgres.close(), redis.close()]);
  }
}

async function createRedisVariant(options: QueueVariantOptions, url: string): Promise<QueueVariant> {
  const connection = createRedisConnection({ url });
  await connection.connected();
  return createProdigonVariant({
    ...options,
    createQueue: (db) => createRedisJobQueue({ db, connection }),
    onClose: connection.close,
  });
}

function createSignalledVariant(options: QueueVariantOptions, url: string): Promise<QueueVariant> {
  let signal: ReturnType<typeof createBullmqSignal>;
  return createProdigonVariant({
    ...options,
    createQueue(db) {
      signal = createBullmqSignal(url, createPostgresJobQueue(db));
      return signal.queue;
    },
    onFilled: (count) => signal.announce(count),
    onClose: () => signal.close(),
  });
}
