import { randomUUID } from 'node:crypto';
import { startTestRedis, type TestRedis } from '@prodigon/testing';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { openJobDatabase, promptsOf } from '../job-database.test-support.ts';
import { createPostgresJobQueue } from '../queue/postgres-job-queue.ts';
import { createRedisConnection } from './redis-connection.ts';
import { createRedisJobQueue } from './redis-job-queue.ts';

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.close());
beforeEach(() => server.restart());

/** Opens a database and two workers with their own connections to Redis. */
async function setUp() {
  const jobs = await openJobDatabase();
  const key = randomUUID();
  async function startWorker() {
    const connection = createRedisConnection(server);
    onTestFinished(() => connection.close());
    await connection.connected();
    const session = await jobs.openSession();
    const queue = createRedisJobQueue({ db: jobs.db, connection, key });
    return { connection, queue, claim: (max: number) => queue.claim(session, max) };
  }
  const waiting = async () => Number((await server.run(`LLEN ${key}`)).slice(1));
  return { ...jobs, key, one: await startWorker(), other: await startWorker(), waiting };
}

const indexesOf = (items: readonly { index: number }[]) => items.map(({ index }) => index).sort((one, other) => one - other);
const UP_TO = (count: number) => Array.from({ length: count }, (_, index) => index);

it('lets workers take items from one list, each item once', async () => {
  const { one, other, submit, waiting } = await setUp();
  await submit('ada', promptsOf(30));
  const first = await one.claim(10);
  expect(await waiting()).toBe(20);
  const second = await other.claim(10);
  expect(await waiting()).toBe(10);
  expect(indexesOf([...first, ...second, ...(await one.claim(100))])).toEqual(UP_TO(30));
  expect(await other.claim(100)).toEqual([]);
});

it('makes all workers see an urgent job when one of them announces it', async () => {
  const { one, other, submit, waiting } = await setUp();
  await submit('ada', promptsOf(30));
  await one.claim(1);
  const urgent = await submit('ada', ['urgent'], { options: { priority: 9 } });
  one.queue.notify();
  await vi.waitFor(async () => expect(await waiting()).toBe(0));
  expect(await other.claim(1)).toMatchObject([{ jobId: urgent.job_id }]);
});

it('loses no item to a flush, nor to a worker that is killed after it has taken ids', async () => {
  const { key, one, other, submit } = await setUp();
  await submit('ada', promptsOf(50));
  const leased = [...(await one.claim(10))];
  await server.flush();
  leased.push(...(await other.claim(10)));
  await other.connection.run((redis) => redis.lpop(key, 10));
  while (leased.length < 50) {
    const items = await one.claim(100);
    expect(items).not.toEqual([]);
    leased.push(...items);
  }
  expect(indexesOf(leased)).toEqual(UP_TO(50));
});

it('finds the waiting items when the list contains only leased ones', async () => {
  const { db, one, openSession, submit, waiting } = await setUp();
  await submit('ada', promptsOf(20));
  const first = await one.claim(10);
  // As a worker that has lost Redis.
  const second = await createPostgresJobQueue(db).claim(await openSession(), 10);
  expect(indexesOf([...first, ...second])).toEqual(UP_TO(20));
  await submit('bob', promptsOf(3));
  expect(await waiting()).toBe(10);
  expect((await one.claim(10)).map(({ ownerId }) => ownerId)).toEqual(['bob', 'bob', 'bob']);
});

it('claims from the database while Redis is unavailable, and from the list after its return', async () => {
  const { one, submit, waiting } = await setUp();
  await submit('ada', promptsOf(40));
  await server.kill('SIGKILL');
  const leased = [...(await one.claim(10)), ...(await one.claim(10))];
  await server.restart();
  await vi.waitFor(() => expect(one.connection.isAvailable()).toBe(true), { timeout: 30_000 });
  leased.push(...(await one.claim(10)));
  expect(await waiting()).toBe(10);
  leased.push(...(await one.claim(10)));
  expect(indexesOf(leased)).toEqual(UP_TO(40));
});
