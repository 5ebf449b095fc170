import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus } from '@prodigon/contracts';
import {
  createTestDatabase,
  echoOf,
  type FaultProvider,
  MODELS_WITHOUT_BREAKER,
  matrixOf,
  type RunningApp,
  startApp,
  startFaultProvider,
  startTestLink,
  startTestRedis,
  type TestLink,
  type TestRedis,
} from '@prodigon/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { LONG_TEST_MS, promptsOf, WAIT } from './worker-process-harness.test-support.ts';

const INTERNAL_TOKEN = 'token-of-these-tests-0123';
/** Several seconds of work for the worker, longer than it takes to notice a fault. */
const PROMPTS = 300;

let provider: FaultProvider;
let redis: TestRedis;
let link: TestLink;
let worker: RunningApp;
/** Clients of two gateways. */
let clients: ApiClient[];
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  provider = await startFaultProvider();
  redis = await startTestRedis();
  link = await startTestLink(redis.url);
  const database = await createTestDatabase({ isMigrated: true });
  closers.push(provider.close, link.close, redis.close, database.drop);
  const shared = { INTERNAL_TOKEN, DATABASE_URL: database.url, REDIS_URL: link.url, QUEUE_TYPE: 'redis', JOB_CONCURRENCY: '4' };
  const start = async (...[app, env]: Parameters<typeof startApp>) => {
    const running = await startApp(app, { ...shared, ...env });
    closers.unshift(running.close);
    return running;
  };
  const { url } = await start('model', { MODELS_FILE: MODELS_WITHOUT_BREAKER, OPENAI_BASE_URL: provider.baseUrl });
  worker = await start('worker', { MODEL_SERVICE_URL: url });
  const urls = { MODEL_SERVICE_URL: url, WORKER_SERVICE_URL: worker.url };
  const gateways = await Promise.all([start('gateway', urls), start('gateway', urls)]);
  clients = gateways.map((gateway) => createApiClient({ baseUrl: gateway.url }));
});
afterAll(async () => {
  for (const close of closers) await close();
});

interface Fault {
  readonly name: string;
  begin(): unknown;
  /** Missing when Redis does not disappear. */
  end?(): unknown;
}

const FAULTS: Fault[] = [
  { name: 'is killed', begin: () => redis.kill('SIGKILL'), end: () => redis.restart() },
  { name: 'is suspended', begin: () => redis.kill('SIGSTOP'), end: () => redis.kill('SIGCONT') },
  { name: 'is cut off', begin: () => link.cut(), end: () => link.restore() },
  { name: 'restarts', begin: () => redis.restart() },
  { name: 'is flushed', begin: () => redis.flush() },
];

it.each(matrixOf(FAULTS, ({ name }) => name === 'is killed'))(
  'runs each item of the jobs of two gateways once when Redis $name',
  async ({ begin, end }) => {
    const batches = await Promise.all(clients.map(submit));
    const completed = async () => (await Promise.all(batches.map(({ read }) => read()))).reduce(sumCompleted, 0);
    const completedMore = async (count: number) => {
      const before = await completed();
      await vi.waitFor(async () => expect(await completed()).toBeGreaterThanOrEqual(before + count), WAIT);
    };
    await completedMore(50);
    await begin();
    if (end) {
      await vi.waitFor(async () => expect(await isRedisUp()).toBe(false), WAIT);
      await completedMore(50);
      await end();
    }
    await vi.waitFor(async () => expect(await isRedisUp()).toBe(true), WAIT);
    await completedMore(50);

    for (const { prompts, read, results } of batches) {
      const job = await vi.waitFor(async () => {
        const current = await read();
        expect(isTerminalJobStatus(current.status)).toBe(true);
        return current;
      }, WAIT);
      expect(job).toMatchObject({ status: 'completed', completed_prompts: PROMPTS, failed_prompts: 0 });
      expect(await results()).toEqual(prompts.map(echoOf));
      const called = new Set(prompts);
      expect(provider.calls.filter(({ prompt }) => called.has(prompt))).toHaveLength(PROMPTS);
    }
  },
  LONG_TEST_MS,
);

async function submit(api: ApiClient) {
  const prompts = promptsOf(PROMPTS);
  const options = { model: 'slow_20' };
  const { job_id } = await api.jobs.submitFile({ format: 'txt', bytes: new Blob([prompts.join('\n')]), options });
  const results = async () => {
    const items: (string | null)[] = [];
    for (let after: number | null = -1; after !== null; ) {
      const page = await api.jobs.items(job_id, { limit: 200, after });
      items.push(...page.items.map(({ output }) => output));
      after = page.next_after;
    }
    return items;
  };
  return { prompts, results, read: () => api.jobs.get(job_id) };
}

const sumCompleted = (sum: number, { completed_prompts }: { readonly completed_prompts: number }) => sum + completed_prompts;

async function isRedisUp(): Promise<boolean> {
  const response = await fetch(`${worker.url}/metrics`, { headers: { authorization: `Bearer ${INTERNAL_TOKEN}` } });
  return /^redis_up 1$/m.test(await response.text());
}
