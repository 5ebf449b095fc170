import type { RateDecision, RateDemand } from '@prodigon/ports';
import { startTestRedis, type TestRedis } from '@prodigon/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisConnection, type RedisConnection } from '../redis/redis-connection.ts';
import { createRedisRateLimiter } from '../redis/redis-rate-limiter.ts';
import { createMemoryRateLimiter } from './memory-rate-limiter.ts';

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

interface TestLimiter {
  take(demands: readonly RateDemand[]): RateDecision | Promise<RateDecision>;
}
let limiters = 0;
/** Creates a limiter of its own by name, with a clock that the test sets. */
const LIMITERS: Record<string, (now: () => number) => TestLimiter> = {
  memory: (now) => createMemoryRateLimiter({ now }),
  Redis: (now) => {
    limiters += 1;
    return createRedisRateLimiter({ connection, prefix: `test-${limiters}:`, now });
  },
};

describe.each(Object.keys(LIMITERS))('a rate limiter in %s', (name) => {
  function create() {
    // Far from zero, as the clock of Redis is, and not a whole number.
    const clock = { nowMs: 1e11 + 0.1 };
    const limiter = LIMITERS[name]?.(() => clock.nowMs) as TestLimiter;
    const take = (amount: number, limitPerMin = 60, bucket = 'a') => limiter.take([{ bucket, limitPerMin, amount }]);
    return { clock, limiter, take };
  }

  it('admits the limit of one minute as a burst, then one request for each interval', async () => {
    const { clock, take } = create();
    for (let request = 0; request < 60; request++) expect((await take(1)).refusal).toBeNull();
    expect((await take(1)).refusal).toEqual({ index: 0, retryAfterMs: expect.closeTo(1_000) });
    clock.nowMs += 999;
    expect((await take(1)).refusal).toEqual({ index: 0, retryAfterMs: expect.closeTo(1) });
    clock.nowMs += 1;
    expect((await take(1)).refusal).toBeNull();
    expect((await take(1)).refusal).not.toBeNull();
  });

  it('reports the limit, what remains, and when the whole limit remains', async () => {
    const { clock, take } = create();
    expect((await take(1)).states).toEqual([{ limitPerMin: 60, remaining: 59, resetMs: expect.closeTo(1_000) }]);
    clock.nowMs += 500;
    expect((await take(20)).states).toEqual([{ limitPerMin: 60, remaining: 39, resetMs: expect.closeTo(20_500) }]);
    expect((await take(50)).states).toEqual([{ limitPerMin: 60, remaining: 39, resetMs: expect.closeTo(20_500) }]);
    clock.nowMs += 3_600_000;
    expect((await take(0)).states).toEqual([{ limitPerMin: 60, remaining: 60, resetMs: 0 }]);
  });

  it('takes nothing from any bucket when one demand does not fit, and names the longest wait', async () => {
    const { limiter, take } = create();
    await take(60, 60, 'b');
    await take(5, 10, 'c');
    const all = ['a', 'b', 'c'].map((bucket) => ({ bucket, limitPerMin: bucket === 'c' ? 10 : 60, amount: 10 }));
    const decision = await limiter.take(all);
    expect(decision.refusal).toEqual({ index: 2, retryAfterMs: expect.closeTo(30_000) });
    expect(decision.states.map(({ remaining }) => remaining)).toEqual([60, 0, 5]);
    expect((await take(60)).refusal).toBeNull();
  });

  it('gives back what a request has not used', async () => {
    const { take } = create();
    const decision = await take(50);
    await decision.settle([20]);
    await decision.settle([0]);
    expect((await take(0)).states[0]?.remaining).toBe(40);
  });

  it('makes later requests wait for what a request has used beyond its demand', async () => {
    const { clock, take } = create();
    const decision = await take(10);
    await decision.settle([120]);
    expect((await take(1)).refusal?.retryAfterMs).toBeCloseTo(61_000);
    clock.nowMs += 61_000;
    expect((await take(1)).refusal).toBeNull();
  });

  it('gives nothing back for a refused request', async () => {
    const { take } = create();
    await take(60);
    await (await take(30)).settle([0]);
    expect((await take(1)).refusal).not.toBeNull();
  });

  it('gives nothing back that the bucket has regained meanwhile', async () => {
    const { clock, take } = create();
    const first = await take(60);
    clock.nowMs += 60_000;
    expect((await take(60)).refusal).toBeNull();
    await first.settle([0]);
    expect((await take(1)).refusal).not.toBeNull();
  });

  it('admits an amount above the limit when the whole limit remains', async () => {
    const { clock, take } = create();
    expect((await take(1_000)).refusal).toBeNull();
    expect((await take(1)).refusal).not.toBeNull();
    clock.nowMs += 59_000;
    expect((await take(1_000)).refusal?.retryAfterMs).toBeCloseTo(1_000);
    clock.nowMs += 1_000;
    expect((await take(1_000)).refusal).toBeNull();
  });

  it('decides concurrent requests one after another', async () => {
    const { take } = create();
    const decisions = await Promise.all(Array.from({ length: 200 }, () => take(1)));
    expect(decisions.filter(({ refusal }) => refusal === null)).toHaveLength(60);
  });

  const arrivals = fc.array(
    fc.record({
      afterMs: fc.oneof(fc.constantFrom(0, 0, 60_000), fc.double({ min: 0, max: 90_000, noNaN: true })),
      amount: fc.integer({ min: 1, max: 60 }),
      /** The used part of the amount, and after how many further requests it is known. */
      used: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      settledAfter: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 40 },
  );

  it('admits at most rate times window plus burst in any window, whatever the arrivals and corrections', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 60 }), async (requests, limitPerMin) => {
        const { clock, take } = create();
        const admitted: { atMs: number; used: number; settle: () => void | Promise<void>; dueAt: number }[] = [];
        for (const [index, { afterMs, amount, used, settledAfter }] of requests.entries()) {
          clock.nowMs += afterMs;
          for (const { dueAt, settle } of admitted) if (dueAt === index) await settle();
          const taken = Math.min(amount, limitPerMin);
          const decision = await take(amount, limitPerMin);
          const usedAmount = Math.floor(taken * used);
          if (decision.refusal) continue;
          const settle = () => decision.settle([usedAmount]);
          admitted.push({ atMs: clock.nowMs, used: usedAmount, settle, dueAt: index + 1 + settledAfter });
        }
        for (let start = 0; start < admitted.length; start++) {
          let sum = 0;
          for (const { atMs, used } of admitted.slice(start)) {
            sum += used;
            const windowMs = atMs - (admitted[start]?.atMs ?? 0);
            expect(sum).toBeLessThanOrEqual((limitPerMin * windowMs) / 60_000 + limitPerMin + 0.001);
          }
        }
      }),
      { numRuns: name === 'memory' ? 500 : 50 },
    );
  });

  it('decides as exact arithmetic does when every request arrives at the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2_000 }), async (limitPerMin) => {
        const { clock, take } = create();
        expect((await take(limitPerMin, limitPerMin)).refusal).toBeNull();
        for (let request = 0; request < 50; request++) {
          clock.nowMs += 60_000 / limitPerMin;
          expect((await take(1, limitPerMin)).refusal).toBeNull();
          expect((await take(1, limitPerMin)).refusal).not.toBeNull();
        }
      }),
      { numRuns: name === 'memory' ? 200 : 10 },
    );
  });
});

it('uses the clock of Redis, and lets unused buckets expire', async () => {
  const limiter = createRedisRateLimiter({ connection, prefix: 'clock:' });
  const { states } = await limiter.take([{ bucket: 'a', limitPerMin: 1, amount: 1 }]);
  expect(states).toEqual([{ limitPerMin: 1, remaining: 0, resetMs: expect.closeTo(60_000) }]);
  const ttl = await connection.run((redis) => redis.pttl('clock:a'));
  expect(ttl).toBeGreaterThan(0);
  expect(ttl).toBeLessThanOrEqual(60_000);
  expect((await limiter.take([{ bucket: 'a', limitPerMin: 1, amount: 1 }])).refusal?.retryAfterMs).toBeLessThanOrEqual(60_000);
});
