import { startTestRedis, type TestRedis } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRedisConnection, type RedisConnection } from './redis-connection.ts';
import { createRedisRateLimiter } from './redis-rate-limiter.ts';

let server: TestRedis;
let connection: RedisConnection;
beforeAll(async () => {
  server = await startTestRedis();
  // On a busy machine a response can take longer than requests wait for it.
  connection = createRedisConnection({ url: server.url, timeoutMs: 60_000 });
  await connection.connected();
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

let limiters = 0;
/** Creates a limiter that counts its commands, at a time that does not pass. */
function create() {
  limiters += 1;
  const sent = { commands: 0 };
  const run: RedisConnection['run'] = (commands) => {
    sent.commands += 1;
    return connection.run(commands);
  };
  const limiter = createRedisRateLimiter({ connection: { run }, prefix: `test-${limiters}:`, now: () => 1e11 });
  const take = (bucket: string, amount = 1, limitPerMin = 60) => limiter.take([{ bucket, limitPerMin, amount }]);
  return { sent, limiter, take };
}

it('decides the requests of one turn of the event loop in one command, in their order', async () => {
  const { sent, limiter, take } = create();
  const decisions = await Promise.all([
    take('a', 40),
    limiter.take([
      { bucket: 'b', limitPerMin: 60, amount: 10 },
      { bucket: 'a', limitPerMin: 60, amount: 30 },
    ]),
    take('a', 20),
    take('b', 60),
  ]);
  expect(decisions.map(({ refusal }) => refusal?.index ?? null)).toEqual([null, 1, null, null]);
  expect(decisions.map(({ states }) => states.map(({ remaining }) => remaining))).toEqual([[20], [60, 20], [0], [0]]);
  expect(sent.commands).toBe(1);
});

it('sends corrections with the decisions of the same turn, before them', async () => {
  const { sent, take } = create();
  const { settle } = await take('a', 60);
  const settled = settle([10]);
  const { refusal, states } = await take('a', 50);
  expect([refusal, states[0]?.remaining, sent.commands]).toEqual([null, 0, 2]);
  await settled;
});

it('needs a further command beyond 500 buckets, because Redis serves nobody else meanwhile', async () => {
  const { sent, take } = create();
  const decisions = await Promise.all(Array.from({ length: 1_001 }, (_, index) => take(`bucket-${index}`)));
  expect(decisions.map(({ states }) => states[0]?.remaining)).toEqual(decisions.map(() => 59));
  expect(sent.commands).toBe(3);
});

it('rejects all requests of a command that fails, and no correction', async () => {
  const { take } = create();
  const lost = createRedisRateLimiter({ connection: { run: () => Promise.reject(new Error('lost')) } });
  const demands = [{ bucket: 'a', limitPerMin: 60, amount: 1 }];
  const results = await Promise.allSettled([lost.take(demands), lost.take(demands)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);

  const { settle } = await take('a', 60);
  await server.kill('SIGKILL');
  await settle([0]);
  await server.restart();
});
