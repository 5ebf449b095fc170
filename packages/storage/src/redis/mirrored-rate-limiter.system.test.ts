import type { RateDecision } from '@prodigon/ports';
import { startTestRedis, type TestRedis } from '@prodigon/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMemoryRateLimiter } from '../limits/memory-rate-limiter.ts';
import { createMirroredRateLimiter } from './mirrored-rate-limiter.ts';
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

let clusters = 0;
/** Creates gateways that share limits, with one clock that the test sets. */
function createCluster(gateways: number) {
  clusters += 1;
  const prefix = `test-${clusters}:`;
  const clock = { nowMs: 1e11 + 0.1 };
  const now = () => clock.nowMs;
  let isAvailable = true;
  const decide = async (shared: () => Promise<RateDecision>, local: () => RateDecision) => (isAvailable ? shared() : local());
  const limiters = Array.from({ length: gateways }, () => {
    const local = createMemoryRateLimiter({ share: () => 1 / gateways, now });
    return createMirroredRateLimiter({ shared: createRedisRateLimiter({ connection, prefix, now }), local, decide });
  });
  const take = async (gateway: number, amount: number, limitPerMin = 60) =>
    (await limiters[gateway % gateways]?.take([{ bucket: 'a', limitPerMin, amount }])) as RateDecision;
  return {
    clock,
    take,
    lose: () => {
      isAvailable = false;
    },
    async return({ isEmpty = false } = {}) {
      if (isEmpty) await connection.run((redis) => redis.del(`${prefix}a`));
      isAvailable = true;
      await Promise.all(limiters.map((limiter) => limiter.restore()));
    },
  };
}

it('grants no further burst when Redis becomes unavailable', async () => {
  const { clock, take, lose } = createCluster(2);
  expect((await take(0, 50)).refusal).toBeNull();
  await take(1, 0);
  lose();
  for (const gateway of [0, 1]) expect((await take(gateway, 0)).states[0]).toMatchObject({ limitPerMin: 30, remaining: 5 });
  clock.nowMs += 10_000;
  for (const gateway of [0, 1]) expect((await take(gateway, 0)).states[0]?.remaining).toBe(10);
});

it.each([false, true])('grants no further burst when Redis returns, without its data: %s', async (isEmpty) => {
  const cluster = createCluster(2);
  await cluster.take(0, 20);
  cluster.lose();
  expect((await cluster.take(0, 20)).refusal).toBeNull();
  expect((await cluster.take(1, 10)).refusal).toBeNull();
  await cluster.return({ isEmpty });
  expect((await cluster.take(1, 0)).states[0]).toMatchObject({ limitPerMin: 60, remaining: 0 });
});

it('counts the used amount of a request that Redis decided, when Redis is unavailable meanwhile', async () => {
  const { take, lose } = createCluster(2);
  const decision = await take(0, 60);
  lose();
  expect((await take(0, 1)).refusal).not.toBeNull();
  await decision.settle([20]);
  await decision.settle([0]);
  expect((await take(0, 0)).states[0]?.remaining).toBe(20);
});

it('keeps the burst of other gateways that have not seen a request within their share', async () => {
  const { take, lose } = createCluster(3);
  await take(0, 60);
  lose();
  const remaining = await Promise.all([0, 1, 2].map(async (gateway) => (await take(gateway, 0)).states[0]?.remaining));
  expect(remaining).toEqual([0, 20, 20]);
});

const steps = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constantFrom(0, 0, 0, 60_000), fc.double({ min: 0, max: 30_000, noNaN: true })),
    gateway: fc.nat({ max: 2 }),
    amount: fc.integer({ min: 1, max: 20 }),
    transition: fc.constantFrom(null, null, null, 'lose', 'return', 'return without data'),
  }),
  { minLength: 1, maxLength: 40 },
);

it('admits at most rate times window plus burst over gateways that saw each other, across all transitions', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (requests, gateways) => {
      const limitPerMin = 60;
      const { clock, take, ...redis } = createCluster(gateways);
      const admitted: { atMs: number; amount: number }[] = [];
      for (const { afterMs, gateway, amount, transition } of requests) {
        clock.nowMs += afterMs;
        // Each gateway sees the bucket before Redis is lost.
        if (transition === 'lose') await Promise.all(Array.from({ length: gateways }, (_, index) => take(index, 0)));
        if (transition === 'lose') redis.lose();
        else if (transition) await redis.return({ isEmpty: transition === 'return without data' });
        if ((await take(gateway, amount)).refusal === null) admitted.push({ atMs: clock.nowMs, amount });
      }
      for (let start = 0; start < admitted.length; start++) {
        let sum = 0;
        for (const { atMs, amount } of admitted.slice(start)) {
          sum += amount;
          const windowMs = atMs - (admitted[start]?.atMs ?? 0);
          expect(sum).toBeLessThanOrEqual((limitPerMin * windowMs) / 60_000 + limitPerMin + 0.001);
        }
      }
    }),
    { numRuns: 200 },
  );
});
