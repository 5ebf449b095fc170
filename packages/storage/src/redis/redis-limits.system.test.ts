import { createLogger, createMetrics } from '@prodigon/platform';
import type { RateDemand } from '@prodigon/ports';
import { startTestRedis, type TestRedis } from '@prodigon/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRedisConnection } from './redis-connection.ts';
import { openRedisLimits } from './redis-limits.ts';

const WAIT = { timeout: 30_000 };
const LOCAL = 'This gateway enforces its share of all limits on its own';
const SHARED = 'The gateways share their limits through Redis again';

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.close());
beforeEach(() => server.restart());

/** Opens the limits of one gateway. */
async function openGateway({ gateways = 1 } = {}) {
  const lines: { msg: string; gateways?: number }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'test', level: 'info', secrets: [], destination });
  const metrics = createMetrics();
  const connection = createRedisConnection({ url: server.url });
  const limits = await openRedisLimits({ connection, gateways, logger, metrics });
  onTestFinished(async () => {
    await limits.close();
    await connection.close();
  });
  const gauge = async () => /^limits_local (.+)$/m.exec(await metrics.registry.metrics())?.[1];
  return { ...limits, connection, lines, gauge };
}
type Gateway = Awaited<ReturnType<typeof openGateway>>;

/** Opens two gateways that know of each other. */
async function openTwo(): Promise<[Gateway, Gateway]> {
  const gateways: [Gateway, Gateway] = [await openGateway(), await openGateway()];
  await vi.waitFor(async () => {
    const count = gateways[0].connection.run((redis) => redis.zcard('prodigon:gateways'));
    expect(await count).toBe(2);
  }, WAIT);
  return gateways;
}

const demandOf = (bucket: string, limitPerMin = 60): RateDemand => ({ bucket, limitPerMin, amount: 1 });
/** Sends requests until one is refused, and returns how many were admitted. */
async function admitted({ rates }: Gateway, demand: RateDemand): Promise<number> {
  for (let count = 0; count < 1_000; count++) if ((await rates.take([demand])).refusal) return count;
  return Number.POSITIVE_INFINITY;
}
const untilLocal = (gateway: Gateway) =>
  vi.waitFor(async () => {
    await gateway.rates.take([demandOf('probe', 1_000_000)]);
    expect(await gateway.gauge()).toBe('1');
  }, WAIT);

it('admits no more over two gateways than over one', async () => {
  const [first, second] = await openTwo();
  const startedAt = performance.now();
  const decisions = await Promise.all(
    Array.from({ length: 200 }, (_, index) => (index % 2 ? first : second).rates.take([demandOf('a')])),
  );
  const count = decisions.filter(({ refusal }) => refusal === null).length;
  expect(count).toBeGreaterThanOrEqual(60);
  // The limit restores one request a second.
  expect(count).toBeLessThanOrEqual(60 + (performance.now() - startedAt) / 1_000);
  expect((await second.rates.take([demandOf('b')])).states).toEqual([
    { limitPerMin: 60, remaining: 59, resetMs: expect.any(Number) },
  ]);
});

const FAULTS: Record<string, { begin: () => Promise<unknown>; end: () => Promise<unknown> }> = {
  killed: { begin: () => server.kill('SIGKILL'), end: () => server.restart() },
  suspended: { begin: () => server.kill('SIGSTOP'), end: () => server.kill('SIGCONT') },
  'out of memory': {
    begin: async () => {
      await server.run('CONFIG SET maxmemory-policy noeviction');
      await server.run('CONFIG SET maxmemory 1');
    },
    end: () => server.run('CONFIG SET maxmemory 0'),
  },
};

describe.each(Object.keys(FAULTS))('while Redis is %s', (name) => {
  const begin = () => FAULTS[name]?.begin();
  const end = () => FAULTS[name]?.end();
  /** Requests show the state of a server that stays connected. */
  async function untilReturn(gateway: Gateway): Promise<void> {
    await vi.waitFor(async () => {
      await gateway.rates.take([demandOf('probe', 1_000_000)]);
      expect(await gateway.gauge()).toBe('0');
    }, WAIT);
  }

  it('each gateway enforces its share, tells so, and shares again after the return of Redis', async () => {
    const [first, second] = await openTwo();
    // Each gateway learns of the other with its next registration.
    await vi.waitFor(async () => {
      await begin();
      await untilLocal(first);
      const { states } = await first.rates.take([demandOf(`share-${performance.now()}`)]);
      await end();
      await untilReturn(first);
      expect(states[0]?.limitPerMin).toBe(30);
    }, WAIT);
    const before = first.lines.length;

    await begin();
    for (const gateway of [first, second]) {
      await untilLocal(gateway);
      const limit = demandOf('a', 2);
      // A limit of 2 a minute restores nothing during the test.
      expect(await admitted(gateway, limit)).toBe(1);
      expect((await gateway.rates.take([limit])).states[0]).toMatchObject({ limitPerMin: 1, remaining: 0 });
    }
    expect(first.lines.slice(before)).toMatchObject([{ level: 40, msg: LOCAL, gateways: 2 }]);

    await end();
    await untilReturn(first);
    await untilReturn(second);
    const shared = await first.rates.take([demandOf('b', 2)]);
    expect([shared.states[0]?.limitPerMin, await admitted(second, demandOf('b', 2))]).toEqual([2, 1]);
    expect(first.lines.slice(before).map(({ msg }) => msg)).toEqual([LOCAL, SHARED]);
  });

  it('the limit of wrong keys holds', async () => {
    const gateway = await openGateway();
    await begin();
    await untilLocal(gateway);
    const waits: (number | null)[] = [];
    for (let guess = 0; guess < 40; guess++) waits.push(await gateway.wrongKeys.check('192.0.2.1'));
    expect(waits.filter((wait) => wait === null).length).toBeLessThanOrEqual(21);
    expect(waits.at(-1)).toBeGreaterThan(0);
    await end();
  });

  it('streams keep counting, before and after', async () => {
    const gateway = await openGateway();
    const demands = [{ bucket: 'a', max: 2 }];
    expect(await gateway.streams.acquire(demands)).toMatchObject({ isAdmitted: true });
    await begin();
    await untilLocal(gateway);
    const second = await gateway.streams.acquire(demands);
    expect(second).toMatchObject({ isAdmitted: true });
    expect(await gateway.streams.acquire(demands)).toEqual({ isAdmitted: false, index: 0, max: 2 });

    await end();
    await untilReturn(gateway);
    await vi.waitFor(async () => {
      const count = await gateway.connection.run((redis) => redis.zcard('prodigon:streams:a'));
      expect(count).toBe(2);
    }, WAIT);
    expect(await gateway.streams.acquire(demands)).toMatchObject({ isAdmitted: false });
    if (second.isAdmitted) await second.release();
    expect(await gateway.streams.acquire(demands)).toMatchObject({ isAdmitted: true });
  });
});

it('grants no second burst while Redis is killed, nor after it has lost its data', async () => {
  const gateway = await openGateway();
  const limit = demandOf('a', 2);
  expect(await admitted(gateway, limit)).toBe(2);
  await server.kill('SIGKILL');
  await untilLocal(gateway);
  expect(await admitted(gateway, limit)).toBe(0);
  await server.restart();
  await vi.waitFor(async () => {
    expect(await gateway.connection.run((redis) => redis.exists('prodigon:rate:a'))).toBe(1);
  }, WAIT);
  const { states, refusal } = await gateway.rates.take([limit]);
  expect([states, refusal]).toMatchObject([[{ limitPerMin: 2, remaining: 0 }], { index: 0 }]);
});

it('knows the other gateways as soon as it is open', async () => {
  await openGateway();
  const second = await openGateway();
  await server.kill('SIGKILL');
  await untilLocal(second);
  expect((await second.rates.take([demandOf('a')])).states[0]?.limitPerMin).toBe(30);
});

it('starts with the share of the configured gateways when Redis does not run', async () => {
  await server.kill('SIGKILL');
  const gateway = await openGateway({ gateways: 3 });
  expect((await gateway.rates.take([demandOf('a')])).states[0]?.limitPerMin).toBe(20);
  expect(gateway.lines).toMatchObject([{ msg: LOCAL, gateways: 3 }]);
});

it('survives a flush without a failed request', async () => {
  const gateway = await openGateway();
  const decision = await gateway.rates.take([demandOf('a')]);
  await server.flush();
  await decision.settle([0]);
  expect((await gateway.rates.take([demandOf('a')])).states[0]?.remaining).toBe(59);
  expect(gateway.lines).toEqual([]);
});

it('forgets a gateway that closes, and its streams when they end', async () => {
  const [first, second] = await openTwo();
  const stream = await first.streams.acquire([{ bucket: 'a', max: 1 }]);
  expect(await second.streams.acquire([{ bucket: 'a', max: 1 }])).toMatchObject({ isAdmitted: false });
  if (stream.isAdmitted) await stream.release();
  await first.close();
  expect(await second.connection.run((redis) => redis.zcard('prodigon:gateways'))).toBe(1);
  expect(await second.streams.acquire([{ bucket: 'a', max: 1 }])).toMatchObject({ isAdmitted: true });
});
