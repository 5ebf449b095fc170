import type { Job, JobItemList, JobList } from '@prodigon/contracts';
import { createEmbedderProvider, createSimulatorProvider } from '@prodigon/model-providers';
import { createModelService } from '@prodigon/model-service';
import {
  createHttpServer,
  createInternalContextFactory,
  createLifecycle,
  createLogger,
  createMetrics,
  type Lifecycle,
  parseEnvironmentKey,
} from '@prodigon/platform';
import type { CallContext, JobsClient } from '@prodigon/ports';
import { createHttp2Transport, createRemoteJobsClient } from '@prodigon/service-clients';
import {
  createDatabase,
  createJobChangeFeed,
  createNoopUsageStore,
  createPostgresJobQueue,
  createPostgresJobStore,
  createPostgresLeaseStore,
  createPostgresUsageStore,
  migrateDatabase,
  openChatStorage,
  openKeyStorage,
} from '@prodigon/storage';
import { createMemoryResponseCache } from '@prodigon/storage/cache';
import { createTestDatabase } from '@prodigon/testing';
import { createRetryPolicy, createWorkerService } from '@prodigon/worker-service';
import { beforeAll, onTestFinished, vi } from 'vitest';
import { closeAfterAll, type OnClose, startPlatform } from '../gateway-harness.test-support.ts';

export const JOB_TOPOLOGIES = ['in one process', 'over HTTP/2'] as const;
export type JobTopology = (typeof JOB_TOPOLOGIES)[number];

const internalToken = 'internal-token-of-the-tests';
const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });
/** A model that completes three tokens immediately. */
export const FAST = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=3';
/** A model that sends one token and never ends. */
export const ENDLESS = 'prodigon-sim?ttft_ms=0&fault=stall&after=1';

export interface JobsPlatformOptions {
  /** False for a worker that accepts jobs and does not run them. */
  isRunning?: boolean;
  /** Items of API_KEYS. With them, clients need a key, the database stores keys, usage and conversations, changes of jobs are events, and responses are cached. */
  apiKeys?: readonly string[];
}

/** Starts the gateway, a worker with its own database, and the simulated model. */
export async function startJobsPlatform(
  topology: JobTopology,
  { isRunning = true, apiKeys }: JobsPlatformOptions = {},
  onClose: OnClose = onTestFinished,
) {
  const { url: databaseUrl, drop } = await createTestDatabase();
  await migrateDatabase(databaseUrl);
  const { db, close } = createDatabase({ url: databaseUrl });
  const lifecycle = createLifecycle({ drainTimeoutMs: 5_000 });
  const metrics = createMetrics();
  const provider = createSimulatorProvider();
  const access = apiKeys && openKeys(apiKeys, databaseUrl, onClose);
  const model = createModelService({
    providers: [{ endpoints: [provider] }],
    keys: access?.keys,
    policy: { breaker: { failuresMax: 5, openMs: 100, openMsMax: 100 } },
    timeouts: { firstTokenMs: 30_000, idleMs: 30_000 },
    usage: { store: createNoopUsageStore(), retentionDays: 90 },
    metrics,
    logger,
  });
  const worker = createWorkerService({
    jobStore: createPostgresJobStore(db),
    ...(access && { changeFeed: access.changeFeed }),
    leaseStore: createPostgresLeaseStore(db),
    queue: createPostgresJobQueue(db),
    model: model.client,
    lifecycle,
    metrics,
    logger,
    name: 'worker-1',
    limits: { concurrency: 8, leaseMs: 5_000, retentionDays: 30, timeoutMs: 30_000, cancelGraceMs: 100 },
    retry: createRetryPolicy({ firstDelayMs: 1 }),
  });
  onClose(async () => {
    await worker.close();
    await close();
    await drop();
  });
  if (isRunning) worker.start();
  const client = topology === 'in one process' ? worker.client : await startRemoteClient(worker.routes, lifecycle, onClose);
  const providers = [{ endpoints: [provider] }, { endpoints: [createEmbedderProvider()] }];
  const platform = await startPlatform({ topology: 'in one process', providers, jobs: client, ...access?.options }, onClose);
  return { ...platform, client, db, chat: access?.options.chat, ...jobCalls(platform.url) };
}
type JobsPlatform = Awaited<ReturnType<typeof startJobsPlatform>>;

/** Starts one platform for the tests of a `describe` block. Tests identify their jobs by id or name. */
export function shareJobsPlatform(topology: JobTopology, options: JobsPlatformOptions = {}): () => JobsPlatform {
  const onClose = closeAfterAll();
  let platform: JobsPlatform;
  beforeAll(async () => {
    platform = await startJobsPlatform(topology, options, onClose);
  });
  return () => platform;
}

function openKeys(apiKeys: readonly string[], databaseUrl: string, onClose: OnClose) {
  const keys = openKeyStorage({ API_KEYS: apiKeys.map(parseEnvironmentKey), DATABASE_URL: databaseUrl, DATA_DIR: '' });
  const { db, close } = createDatabase({ url: databaseUrl });
  const changeFeed = createJobChangeFeed({ url: databaseUrl });
  const chat = openChatStorage({ DATABASE_URL: databaseUrl, DATA_DIR: '' });
  onClose(async () => void (await Promise.all([keys.close(), close(), changeFeed.close(), chat.close()])));
  const cache = createMemoryResponseCache({ ttlMs: 600_000, bytesMax: 8 << 20 });
  const { budgets, idempotency } = keys;
  const options = { isKeyRequired: true, keys, budgets, idempotency, usage: createPostgresUsageStore(db), cache, chat };
  return { keys, changeFeed, options };
}

async function startRemoteClient(
  routes: ReturnType<typeof createWorkerService>['routes'],
  lifecycle: Lifecycle,
  onClose: OnClose,
): Promise<JobsClient> {
  const server = await createHttpServer({
    service: 'worker',
    logger,
    metrics: createMetrics(),
    authentication: { internalToken, openMetrics: false },
    http2: true,
    plugins: [routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: 60_000 }) })],
  });
  const baseUrl = await server.listen({ host: '127.0.0.1', port: 0 });
  const transport = createHttp2Transport({ baseUrl, connectTimeoutMs: 5_000 });
  onClose(async () => {
    await transport.close();
    await server.close();
  });
  return createRemoteJobsClient({ transport, internalToken });
}

/** Returns functions that call the jobs API over HTTP. */
function jobCalls(url: string) {
  const call = (path: string, init: RequestInit = {}) => fetch(`${url}/api/v1/jobs${path}`, init);
  const json = async <Body>(path: string, init?: RequestInit) => (await (await call(path, init)).json()) as Body;
  const get = (id: string) => json<Job>(`/${id}`);
  return {
    call,
    get,
    submit: (body: object, headers: Record<string, string> = {}) =>
      call('', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }),
    upload: (file: string | Uint8Array<ArrayBuffer>, type: string, query: Record<string, string> = {}) =>
      call(`?${new URLSearchParams(query)}`, { method: 'POST', headers: { 'content-type': type }, body: file }),
    act: (id: string, action: 'cancel' | 'retry') => call(`/${id}/${action}`, { method: 'POST' }),
    list: (query = '') => json<JobList>(query),
    items: (id: string, query = '') => json<JobItemList>(`/${id}/items${query}`),
    results: async (id: string, outcome = 'all') => linesOf(await (await call(`/${id}/results.jsonl?outcome=${outcome}`)).text()),
    waitForStatus: (id: string, status: Job['status']) =>
      vi.waitFor(
        async () => {
          const job = await get(id);
          if (job.status !== status) throw new Error(`The job is ${job.status}.`);
          return job;
        },
        { timeout: 50_000, interval: 20 },
      ),
  };
}

function linesOf(text: string) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export function contextOf(ownerId: string): CallContext {
  return {
    requestId: 'request-1',
    traceparent: '00-00000000000000000000000000000001-0000000000000001-01',
    principal: { id: ownerId },
    deadline: performance.now() + 30_000,
    signal: new AbortController().signal,
  };
}
