import type { StreamDecision, StreamDemand } from '@prodigon/ports';
import { startTestRedis, type TestRedis } from '@prodigon/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createRedisConnection, type RedisConnection } from '../redis/redis-connection.ts';
import { createRedisStreamLeases, LEASE_MS } from '../redis/redis-stream-leases.ts';
import { createMemoryStreamLimiter } from './memory-stream-limiter.ts';

let server: TestRedis;
let connection: RedisConnection;
let prefixes = 0;
beforeAll(async () => {
  server = await startTestRedis();
  connection = createRedisConnection({ url: server.url, timeoutMs: 60_000 });
  await connection.connected();
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

/** Creates the leases of several gateways, with a clock that the test sets. */
function createGateways() {
  prefixes += 1;
  const prefix = `test-${prefixes}:`;
  const clock = { nowMs: 1e11 };
  const create = () => {
    const leases = createRedisStreamLeases({ connection, prefix, now: () => clock.nowMs });
    onTestFinished(leases.close);
    return leases;
  };
  return { clock, create };
}

type Acquire = (demands: readonly StreamDemand[]) => StreamDecision | Promise<StreamDecision>;
const LIMITERS: Record<string, () => Acquire> = {
  memory: () => createMemoryStreamLimiter().acquire,
  Redis: () => {
    const leases = createGateways().create();
    let streams = 0;
    return async (demands) => {
      streams += 1;
      const stream = `stream-${streams}`;
      const index = await leases.acquire(stream, demands);
      if (index >= 0) return { isAdmitted: false, index, max: demands[index]?.max ?? 0 };
      leases.keep(stream, demands);
      return { isAdmitted: true, release: () => leases.release(stream) };
    };
  },
};

describe.each(Object.keys(LIMITERS))('a stream limiter in %s', (name) => {
  const create = () => LIMITERS[name]?.() as Acquire;

  it('admits as many streams as each bucket allows, and counts a refused stream in none', async () => {
    const acquire = create();
    const a = { bucket: 'a', max: 2 };
    const b = { bucket: 'b', max: 1 };
    expect(await acquire([a, b])).toMatchObject({ isAdmitted: true });
    expect(await acquire([a, b])).toEqual({ isAdmitted: false, index: 1, max: 1 });
    expect(await acquire([a])).toMatchObject({ isAdmitted: true });
    expect(await acquire([a])).toEqual({ isAdmitted: false, index: 0, max: 2 });
  });

  it('frees a place once when a stream is released twice', async () => {
    const acquire = create();
    const demands = [{ bucket: 'a', max: 2 }];
    const [first] = [await acquire(demands), await acquire(demands)];
    if (first?.isAdmitted) {
      await first.release();
      await first.release();
    }
    expect([(await acquire(demands)).isAdmitted, (await acquire(demands)).isAdmitted]).toEqual([true, false]);
  });

  it('never has more open streams than its maximum', async () => {
    const actions = fc.array(fc.oneof(fc.constant(null), fc.nat(9)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(actions, fc.integer({ min: 1, max: 5 }), async (steps, max) => {
        const acquire = create();
        const open: Extract<StreamDecision, { isAdmitted: true }>[] = [];
        for (const step of steps) {
          if (step === null) {
            const decision = await acquire([{ bucket: 'a', max }]);
            expect(decision.isAdmitted).toBe(open.length < max);
            if (decision.isAdmitted) open.push(decision);
          } else await open.splice(step % Math.max(1, open.length), 1)[0]?.release();
        }
      }),
      { numRuns: name === 'memory' ? 300 : 20 },
    );
  });

  it('decides concurrent streams one after another', async () => {
    const acquire = create();
    const decisions = await Promise.all(Array.from({ length: 50 }, () => acquire([{ bucket: 'a', max: 7 }])));
    expect(decisions.filter(({ isAdmitted }) => isAdmitted)).toHaveLength(7);
  });
});

describe('leases of streams in Redis', () => {
  const demands = [{ bucket: 'a', max: 1 }];

  it('count the streams of all gateways', async () => {
    const { create } = createGateways();
    const [first, second] = [create(), create()];
    expect(await first.acquire('x', demands)).toBe(-1);
    first.keep('x', demands);
    expect(await second.acquire('y', demands)).toBe(0);
    await first.release('x');
    expect(await second.acquire('y', demands)).toBe(-1);
  });

  it('expire when a gateway does not renew them', async () => {
    const { clock, create } = createGateways();
    await create().acquire('x', demands);
    const other = create();
    clock.nowMs += LEASE_MS - 1;
    expect(await other.acquire('y', demands)).toBe(0);
    clock.nowMs += 1;
    expect(await other.acquire('y', demands)).toBe(-1);
  });

  it('last while a gateway renews them, also after Redis has lost its data', async () => {
    const { clock, create } = createGateways();
    const [gateway, other] = [create(), create()];
    await gateway.acquire('x', demands);
    gateway.keep('x', demands);
    clock.nowMs += LEASE_MS - 1;
    await gateway.renew();
    clock.nowMs += LEASE_MS - 1;
    expect(await other.acquire('y', demands)).toBe(0);

    await server.flush();
    await gateway.renew();
    expect(await other.acquire('y', demands)).toBe(0);
    await gateway.release('x');
    await gateway.renew();
    expect(await other.acquire('y', demands)).toBe(-1);
  });
});
