import { randomUUID } from 'node:crypto';
import type { CreatedApiKey } from '@prodigon/contracts';
import {
  createTestDatabase,
  matrixOf,
  type RunningApp,
  startApp,
  startTestLink,
  startTestRedis,
  type TestLink,
  type TestRedis,
} from '@prodigon/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { untilAcquainted } from './acquainted-gateways.test-support.ts';

const WAIT = { timeout: 60_000, interval: 50 };
const LONG_TEST_MS = 300_000;
const INTERNAL_TOKEN = 'token-of-these-tests-0123';
const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5';

let redis: TestRedis;
let link: TestLink;
let gateways: RunningApp[];
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  link = await startTestLink(redis.url);
  const database = await createTestDatabase({ isMigrated: true });
  closers.push(link.close, redis.close, database.drop);
  const shared = { INTERNAL_TOKEN, DATABASE_URL: database.url, USE_MOCK: 'true' };
  const start = async (...[app, env]: Parameters<typeof startApp>) => {
    const running = await startApp(app, { ...shared, ...env });
    closers.unshift(running.close);
    return running;
  };
  const { url } = await start('model', {});
  const env = { MODEL_SERVICE_URL: url, REDIS_URL: link.url, CACHE_TTL_S: '600' };
  gateways = await Promise.all([start('gateway', env), start('gateway', env)]);
});
afterAll(async () => {
  for (const close of closers) await close();
});

const callAs = (key: string, { url }: RunningApp, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

async function createKey(rights: object): Promise<string> {
  const body = { name: `laptop ${randomUUID()}`, owner: 'ada', ...rights };
  const response = await callAs(INTERNAL_TOKEN, gateways[0] as RunningApp, '/keys', body);
  expect(response.status).toBe(201);
  return ((await response.json()) as CreatedApiKey).key;
}

/** What the clients of both gateways see. */
interface Seen {
  /** The limits in the headers. */
  readonly limits: (string | null)[];
  readonly cache: (string | null)[];
  /** The codes of requests with a key whose budget is used up. */
  readonly budgets: string[];
}
const SHARED: Seen = {
  limits: ['2', '2'],
  cache: ['hit', 'hit'],
  budgets: ['BUDGET_EXHAUSTED', 'BUDGET_EXHAUSTED'],
};
const ALONE: Seen = { ...SHARED, limits: ['1', '1'], cache: ['bypass', 'bypass'] };

/** Returns a function that sends requests with three keys to both gateways, and the set of all statuses. */
async function startClients() {
  const limited = await createKey({ limits: { requests_per_min: 2 } });
  const cached = await createKey({});
  const spent = await createKey({ budget: { tokens_per_day: 1 } });
  const statuses = { limited: new Set<number>(), cached: new Set<number>() };
  const request = { prompt: `What is a lease? ${randomUUID()}`, model: MODEL };
  const post = (key: string, headers?: Record<string, string>) =>
    Promise.all(gateways.map((gateway) => callAs(key, gateway, '/generate', request, headers)));
  // A repeated response uses no budget.
  const uncached = { 'cache-control': 'no-store' };
  const headersOf = (responses: readonly Response[], name: string) => responses.map(({ headers }) => headers.get(name));

  async function see(): Promise<Seen> {
    const [limits, cache, budgets] = await Promise.all([post(limited), post(cached), post(spent, uncached)]);
    for (const { status } of limits) statuses.limited.add(status);
    for (const { status } of cache) statuses.cached.add(status);
    return {
      limits: headersOf(limits, 'x-ratelimit-limit-requests'),
      cache: headersOf(cache, 'x-prodigon-cache'),
      budgets: await Promise.all(budgets.map(async (response) => (await response.json()).error?.code)),
    };
  }
  return { statuses, until: (expected: Seen) => vi.waitFor(async () => expect(await see()).toEqual(expected), WAIT) };
}

interface Fault {
  readonly name: string;
  begin(): unknown;
  /** Missing when Redis does not disappear. */
  end?(): unknown;
}

const FAULTS: Fault[] = [
  { name: 'is cut off', begin: () => link.cut(), end: () => link.restore() },
  { name: 'is killed', begin: () => redis.kill('SIGKILL'), end: () => redis.restart() },
  { name: 'is suspended', begin: () => redis.kill('SIGSTOP'), end: () => redis.kill('SIGCONT') },
  { name: 'restarts', begin: () => redis.restart() },
  { name: 'is flushed', begin: () => redis.flush() },
];

it.each(matrixOf(FAULTS, ({ name }) => name === 'is cut off'))(
  'limits at each gateway, bypasses the cache and enforces budgets when Redis $name, and shares again afterwards',
  async ({ begin, end }) => {
    const { statuses, until } = await startClients();
    await untilAcquainted(redis);
    await until(SHARED);
    await begin();
    if (end) {
      await until(ALONE);
      await end();
    }
    await until(SHARED);
    expect([...statuses.limited].sort()).toEqual([200, 429]);
    expect([...statuses.cached]).toEqual([200]);
  },
  LONG_TEST_MS,
);
