import { randomUUID } from 'node:crypto';
import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus, type Job, type JobItem, type JobResultLine } from '@prodigon/contracts';
import { withConnection } from '@prodigon/stack';
import {
  createTestDatabase,
  echoOf,
  type FaultProvider,
  MODELS_WITHOUT_BREAKER,
  type ProviderCall,
  type RunningApp,
  reservePort,
  startApp,
  startFaultProvider,
} from '@prodigon/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { createQueryConnection, type QueryConnection } from './query-connection.test-support.ts';

/** Shorter than the timeout of a test, so that a failed wait reports its own condition. */
export const WAIT = { timeout: 100_000, interval: 20 };
/** For tests that start many processes in sequence, on a machine that may be busy. */
export const LONG_TEST_MS = 300_000;
/** Enough for a worker to measure its throughput and prefetch. */
const PASSED_CALLS = 200;
const INTERNAL_TOKEN = 'token-of-these-tests-0123';

/** A job with prompts that no other job has. */
export interface Batch {
  readonly jobId: string;
  readonly prompts: readonly string[];
  /** Returns the calls of the job that the provider has received, oldest first. */
  calls(): readonly ProviderCall[];
}

type Env = Record<string, string>;

export interface WorkerProcessHarness {
  readonly provider: FaultProvider;
  readonly api: ApiClient;
  readonly gatewayUrl: string;
  /** Starts the worker that the gateway calls. Another call replaces it after it has exited. */
  startWorker(env?: Env): Promise<RunningApp>;
  /** Starts a worker that the gateway does not call. */
  startOtherWorker(env?: Env): Promise<RunningApp>;
  submit(count: number, model: string): Promise<Batch>;
  batchOf(jobId: string, prompts: readonly string[]): Batch;
  /** Resolves with the job when it has ended. */
  ended(batch: Batch): Promise<Job>;
  /** Expects the job to end with one result for each prompt, whose tokens are counted once. */
  expectComplete(batch: Batch): Promise<void>;
  /** Resolves when the provider has received `count` calls of the job. */
  called(batch: Batch, count: number): Promise<void>;
  items(batch: Batch): Promise<JobItem[]>;
  results(batch: Batch): Promise<JobResultLine[]>;
  /** Returns the prompts with a recorded result. Queries the database directly, so no worker needs to run. */
  recorded(batch: Batch): Promise<ReadonlySet<string>>;
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /**
   * Resolves when the worker holds prefetched prompts of a job with the model `gated`: fast responses make it prefetch,
   * until the gate closes. `inFlight` is the total number of calls in flight of all workers.
   */
  prefetched(worker: RunningApp, batch: Batch, inFlight: number): Promise<void>;
  /** Blocks the lease renewal of the worker during `run`, so that the worker does not learn that its lease expired. */
  withBlockedRenewal(worker: RunningApp, run: () => Promise<void>): Promise<void>;
  /** Reads a metric of the worker. */
  metric(worker: RunningApp, name: string): Promise<number>;
}

/**
 * Starts a fault provider, a model service and a gateway for the tests of a file, and creates a database for each test.
 * The tests start their workers as processes. The properties are available once the tests run.
 */
export function useWorkerProcesses(
  createDatabase: () => Promise<{ url: string; drop(): Promise<void> }> = () => createTestDatabase({ isMigrated: true }),
): WorkerProcessHarness {
  let provider: FaultProvider;
  let model: RunningApp;
  let gateway: RunningApp;
  let api: ApiClient;
  let workerPort: string;
  let database: { url: string; drop(): Promise<void> };
  let connection: QueryConnection;
  const workers: RunningApp[] = [];

  beforeAll(async () => {
    provider = await startFaultProvider();
    workerPort = String(await reservePort());
    model = await startApp('model', { INTERNAL_TOKEN, MODELS_FILE: MODELS_WITHOUT_BREAKER, OPENAI_BASE_URL: provider.baseUrl });
    gateway = await startApp('gateway', { INTERNAL_TOKEN, MODEL_SERVICE_URL: model.url, WORKER_PORT: workerPort });
    api = createApiClient({ baseUrl: gateway.url });
  });
  beforeEach(async () => {
    database = await createDatabase();
    connection = createQueryConnection(database.url);
    provider.gate.close();
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await connection.close();
    await database.drop();
  });
  afterAll(() => Promise.all([model.close(), gateway.close(), provider.close()]));

  const query: WorkerProcessHarness['query'] = (sql, values) => connection.query(sql, values);

  async function startOtherWorker(env: Env = {}): Promise<RunningApp> {
    const worker = await startApp('worker', {
      INTERNAL_TOKEN,
      DATABASE_URL: database.url,
      MODEL_SERVICE_URL: model.url,
      JOB_CONCURRENCY: '4',
      JOB_LEASE_MS: '3000',
      ...env,
    });
    workers.push(worker);
    return worker;
  }

  function batchOf(jobId: string, prompts: readonly string[]): Batch {
    const batchPrompts = new Set(prompts);
    return { jobId, prompts, calls: () => provider.calls.filter(({ prompt }) => batchPrompts.has(prompt)) };
  }

  async function recorded({ jobId, prompts }: Batch): Promise<ReadonlySet<string>> {
    const rows = await query("select index from worker.job_items where job_id = $1 and status = 'succeeded'", [jobId]);
    return new Set(rows.map(({ index }) => prompts[index as number] ?? ''));
  }

  const called = (batch: Batch, count: number) =>
    vi.waitFor(() => expect(batch.calls().length).toBeGreaterThanOrEqual(count), WAIT);

  /** Lets `count` calls of the job pass the gate. Closes the gate in the event of the last one: a poll could be late, after all calls. */
  async function passCalls(batch: Batch, count: number): Promise<void> {
    if (batch.calls().length + count > batch.prompts.length) throw new Error('The job has too few calls left');
    const prompts = new Set(batch.prompts);
    const passed = Promise.withResolvers<void>();
    let left = count;
    const unsubscribe = provider.subscribe((event, { prompt }) => {
      if (event !== 'received' || !prompts.has(prompt) || --left > 0) return;
      provider.gate.close();
      passed.resolve();
    });
    provider.gate.open();
    await passed.promise;
    unsubscribe();
  }

  const ended = ({ jobId }: Batch) =>
    vi.waitFor(async () => {
      const job = await api.jobs.get(jobId);
      if (!isTerminalJobStatus(job.status)) throw new Error(`The job is ${JSON.stringify({ ...job, results: undefined })}`);
      return job;
    }, WAIT);

  async function results({ jobId }: Batch): Promise<JobResultLine[]> {
    const text = await (await fetch(`${gateway.url}/api/v1/jobs/${jobId}/results.jsonl`)).text();
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  return {
    get provider() {
      return provider;
    },
    get api() {
      return api;
    },
    get gatewayUrl() {
      return gateway.url;
    },
    startWorker: (env = {}) => startOtherWorker({ WORKER_PORT: workerPort, ...env }),
    startOtherWorker,
    async submit(count, modelId) {
      const prompts = promptsOf(count);
      const { job_id } = await api.jobs.submitFile({
        format: 'txt',
        bytes: new Blob([prompts.join('\n')]),
        options: { model: modelId },
      });
      return batchOf(job_id, prompts);
    },
    batchOf,
    ended,
    async expectComplete(batch) {
      const total = batch.prompts.length;
      expect(await ended(batch)).toMatchObject({
        status: 'completed',
        completed_prompts: total,
        failed_prompts: 0,
        cancelled_prompts: 0,
        running_prompts: 0,
        // Seven prompt tokens and one completion token for each result.
        usage: { prompt_tokens: 7 * total, completion_tokens: total, total_tokens: 8 * total },
      });
      expect((await results(batch)).map(({ index, response }) => [index, response?.body.text])).toEqual(
        batch.prompts.map((prompt, index) => [index, echoOf(prompt)]),
      );
    },
    called,
    async items({ jobId }) {
      const items: JobItem[] = [];
      for (let after: number | null = -1; after !== null; ) {
        const page = await api.jobs.items(jobId, { limit: 200, after });
        items.push(...page.items);
        after = page.next_after;
      }
      return items;
    },
    results,
    recorded,
    query,
    async prefetched(worker, batch, inFlight) {
      const heldItems =
        "select i.index from worker.job_items i join worker.workers w on w.id = i.worker_id where i.status = 'running' and w.name = $1";
      for (let held = 0; held <= inFlight; held = (await query(heldItems, [nameOf(worker)])).length) {
        await passCalls(batch, PASSED_CALLS);
        // All results are recorded, so everything that the worker holds beyond its calls in flight is prefetched.
        await vi.waitFor(async () => expect(batch.calls().length - (await recorded(batch)).size).toBe(inFlight), WAIT);
      }
    },
    withBlockedRenewal: (worker, run) =>
      withConnection(database.url, async (client) => {
        await client.query('begin');
        await client.query('select from worker.workers where name = $1 for no key update', [nameOf(worker)]);
        await run();
        await client.query('rollback');
      }),
    async metric(worker, name) {
      const response = await fetch(`${worker.url}/metrics`, { headers: { authorization: `Bearer ${INTERNAL_TOKEN}` } });
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await response.text())?.[1]);
    },
  };
}

/** Returns prompts that no other job has. */
export function promptsOf(count: number): string[] {
  const tag = randomUUID().slice(0, 8);
  return Array.from({ length: count }, (_, index) => `${tag} prompt ${index}`);
}

/** Returns the name of the worker in items. */
export const nameOf = ({ pid }: RunningApp): string => `worker-${pid}`;
