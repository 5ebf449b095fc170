import { randomUUID } from 'node:crypto';
import type { JobQueue } from '@prodigon/ports';
import { startTestRedis } from '@prodigon/testing';
import type { Kysely } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database-schema.ts';
import { failed, openJobDatabase, promptsOf, resultsOf, retried, succeeded } from '../job-database.test-support.ts';
import { createRedisConnection, type RedisConnection } from '../redis/redis-connection.ts';
import { createRedisJobQueue } from '../redis/redis-job-queue.ts';
import { createMemoryJobQueue } from './memory-job-queue.ts';
import { createPostgresJobQueue } from './postgres-job-queue.ts';

let redis: RedisConnection;
let lost: RedisConnection;
const keys = new WeakMap<Kysely<Database>, string>();

/** Creates a queue whose workers share a key for each database. */
function createRedisQueue(db: Kysely<Database>, connection = redis): JobQueue {
  const key = keys.get(db) ?? randomUUID();
  keys.set(db, key);
  return createRedisJobQueue({ db, connection, key });
}

beforeAll(async () => {
  const server = await startTestRedis();
  redis = createRedisConnection(server);
  lost = createRedisConnection({ url: 'redis://127.0.0.1:9' });
  await Promise.all([redis.connected(), lost.connected()]);
  return async () => {
    await Promise.all([redis.close(), lost.close()]);
    await server.close();
  };
});

const QUEUES: [string, (db: Kysely<Database>) => JobQueue][] = [
  ['postgres', createPostgresJobQueue],
  ['memory', createMemoryJobQueue],
  ['redis', createRedisQueue],
  ['redis, while Redis is unavailable', (db) => createRedisQueue(db, lost)],
];

describe.each(QUEUES)('job queue: %s', (_name, createQueue) => {
  async function setUp() {
    const jobs = await openJobDatabase();
    return { ...jobs, queue: createQueue(jobs.db), session: await jobs.openSession() };
  }

  it('leases each item once, with its prompt and options', async () => {
    const { queue, session, submit } = await setUp();
    const job = await submit('ada', promptsOf(5), { options: { model: 'prodigon-sim', system_prompt: 'Be brief.' } });
    const first = await queue.claim(session, 3);
    const rest = await queue.claim(session, 10);
    expect([...first, ...rest].map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(first[0]).toMatchObject({ jobId: job.job_id, ownerId: 'ada', attempt: 1, failures: 0 });
    expect(first[0]?.options).toEqual({ model: 'prodigon-sim', system_prompt: 'Be brief.', max_tokens: 100, temperature: 0 });
    expect(first.map(({ prompt, index }) => prompt === `prompt ${index}`)).toEqual([true, true, true]);
    expect(await queue.claim(session, 10)).toEqual([]);
  });

  it('starts a job with its first item', async () => {
    const { db, queue, session, submit } = await setUp();
    const job = await submit('ada', promptsOf(5));
    await queue.claim(session, 5);
    const items = await db.selectFrom('worker.job_items').select('started_at').execute();
    const { started_at } = await db
      .selectFrom('worker.jobs')
      .select('started_at')
      .where('id', '=', job.job_id)
      .executeTakeFirstOrThrow();
    expect(started_at?.getTime()).toBe(Math.min(...items.map((item) => item.started_at?.getTime() ?? 0)));
  });

  it('never leases one item to two concurrent claims', async () => {
    const { queue, session, submit } = await setUp();
    await submit('ada', promptsOf(200));
    const claims = await Promise.all(Array.from({ length: 10 }, () => queue.claim(session, 20)));
    const indexes = claims.flat().map(({ index }) => index);
    expect(new Set(indexes).size).toBe(indexes.length);
    for (let more = await queue.claim(session, 50); more.length > 0; more = await queue.claim(session, 50))
      indexes.push(...more.map(({ index }) => index));
    expect(indexes.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  it('gives owners equal shares, even after a large submission by one of them', async () => {
    const { queue, session, submit } = await setUp();
    await submit('whale', promptsOf(500));
    await submit('ada', promptsOf(4));
    await submit('bob', promptsOf(4));
    const claimed = await queue.claim(session, 12);
    const count = (owner: string) => claimed.filter(({ ownerId }) => ownerId === owner).length;
    expect([count('ada'), count('bob'), count('whale')]).toEqual([4, 4, 4]);
  });

  it('rotates through owners when each claim takes a single item', async () => {
    const { queue, session, submit } = await setUp();
    for (const owner of ['ada', 'bob', 'cleo']) await submit(owner, promptsOf(3));
    const owners: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) owners.push((await queue.claim(session, 1))[0]?.ownerId ?? '');
    expect(new Set(owners.slice(0, 3))).toEqual(new Set(['ada', 'bob', 'cleo']));
    expect(owners.slice(3)).toEqual(owners.slice(0, 3));
  });

  it('orders the jobs of one owner by priority, then by age', async () => {
    const { queue, session, submit } = await setUp();
    await submit('ada', ['old']);
    await submit('ada', ['new']);
    await submit('ada', ['urgent'], { options: { priority: 9 } });
    const prompts: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) prompts.push((await queue.claim(session, 1))[0]?.prompt ?? '');
    expect(prompts).toEqual(['urgent', 'old', 'new']);
  });

  /** Claims `count` items one by one and returns the names of their jobs. */
  async function turnsOf({ queue, session, db }: Awaited<ReturnType<typeof setUp>>, count: number): Promise<string> {
    const names = new Map(
      (await db.selectFrom('worker.jobs').select(['id', 'name']).execute()).map(({ id, name }) => [id, name]),
    );
    const turns: string[] = [];
    for (let turn = 0; turn < count; turn += 1) turns.push(names.get((await queue.claim(session, 1))[0]?.jobId ?? '') ?? '-');
    return turns.join(' ');
  }

  it('gives the jobs of one owner turns, so that a small one does not wait for a large one', async () => {
    const jobs = await setUp();
    const { queue, session, submit, leaseStore } = jobs;
    await submit('ada', promptsOf(500), { options: { name: 'large' } });
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 100), succeeded()));
    await submit('ada', promptsOf(3), { options: { name: 'small' } });
    await submit('ada', promptsOf(2), { options: { name: 'tiny' } });
    queue.notify();
    expect(await turnsOf(jobs, 10)).toBe('large small tiny large small tiny large small large large');
  });

  it('lets a job with a higher priority go first, for 600 items of each level', async () => {
    const jobs = await setUp();
    const { queue, session, submit, leaseStore } = jobs;
    await submit('ada', promptsOf(2), { options: { name: 'low' } });
    const high = await submit('ada', promptsOf(600), { options: { name: 'high', priority: 1 } });
    const first = await queue.claim(session, 600);
    expect(new Set(first.map(({ jobId }) => jobId))).toEqual(new Set([high.job_id]));
    await leaseStore.recordResults(session, resultsOf(first, succeeded()));
    await submit('ada', promptsOf(3), { options: { name: 'late', priority: 1 } });
    queue.notify();
    expect(await turnsOf(jobs, 5)).toBe('low late low late late');
  });

  it('gives a job that is retried turns with the others', async () => {
    const jobs = await setUp();
    const { queue, session, submit, leaseStore, jobStore } = jobs;
    const again = await submit('ada', promptsOf(3), { options: { name: 'again' } });
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 3), failed()));
    await submit('ada', promptsOf(100), { options: { name: 'large' } });
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 50), succeeded()));
    await jobStore.retry('ada', again.job_id);
    queue.notify();
    expect(await turnsOf(jobs, 7)).toBe('large again large again large again large');
  });

  it('leases nothing to an expired session', async () => {
    const { queue, session, submit, expire } = await setUp();
    await submit('ada', promptsOf(3));
    await expire(session);
    expect(await queue.claim(session, 3)).toEqual([]);
  });

  it('leases a failed item again after its delay and counts the attempt and the failure', async () => {
    const { queue, session, submit, leaseStore } = await setUp();
    await submit('ada', ['only']);
    await leaseStore.recordResults(session, resultsOf(await queue.claim(session, 1), retried()));
    expect(await queue.claim(session, 1)).toEqual([]);
    expect(await leaseStore.promoteDelayed()).toBe(1);
    queue.notify();
    expect(await queue.claim(session, 1)).toMatchObject([{ index: 0, attempt: 2, failures: 1 }]);
  });

  it('leases no items of a cancelled job', async () => {
    const { queue, session, submit, jobStore } = await setUp();
    const job = await submit('ada', promptsOf(50));
    expect(await queue.claim(session, 10)).toHaveLength(10);
    await jobStore.cancel('ada', job.job_id);
    expect(await queue.claim(session, 10)).toEqual([]);
  });

  it('finds pending items without a notification', async () => {
    const { db, submit, session, queue: earlier } = await setUp();
    await submit('ada', promptsOf(30));
    await earlier.claim(session, 10);
    const queue = createQueue(db);
    expect(await queue.claim(session, 100)).toHaveLength(20);
    await submit('bob', promptsOf(2));
    expect(await queue.claim(session, 100)).toHaveLength(2);
  });

  it('drains a queue of thousands of items', async () => {
    const { queue, session, submit, leaseStore, jobStore } = await setUp();
    const job = await submit('ada', promptsOf(3_000));
    for (let items = await queue.claim(session, 400); items.length > 0; items = await queue.claim(session, 400))
      await leaseStore.recordResults(session, resultsOf(items, succeeded()));
    expect(await jobStore.get('ada', job.job_id)).toMatchObject({ status: 'completed', completed_prompts: 3_000 });
  });
});
