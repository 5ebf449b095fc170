import { randomUUID } from 'node:crypto';
import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus, type Job, type JobItem, type JobResultLine } from '@prodigon/contracts';
import { findFreePort, withConnection } from '@prodigon/stack';
import {
  createTestDatabase,
  type FaultProvider,
  MODELS_WITHOUT_BREAKER,
  type ProviderCall,
  type RunningApp,
  startApp,
  startFaultProvider,
} from '@prodigon/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';

/** Shorter than a test may take, so that a wait that ends without success says what it waited for. */
export const WAIT = { timeout: 100_000, interval: 20 };
/** For tests that begin many processes, one after the other, on a machine that may be busy. */
export const LONG_TEST_MS = 300_000;
const INTERNAL_TOKEN = 'token-of-these-tests-0123';

/** A job whose prompts nobody else asks. */
export interface Batch {
  readonly jobId: string;
  readonly prompts: readonly string[];
  /** Its calls that the provider has met so far, oldest first. */
  calls(): readonly ProviderCall[];
}

type Env = Record<string, string>;

/**
 * Everything around workers as real processes: a database of its own for each test, a provider that writes
 * down each call, a model service that asks it and a gateway that asks the worker of `startWorker`.
 */
export class JobWorld {
  provider!: FaultProvider;
  api!: ApiClient;
  gatewayUrl!: string;
  databaseUrl!: string;
  model!: RunningApp;
  readonly #database: () => Promise<{ url: string; drop(): Promise<void> }>;
  #drop: () => Promise<void> = async () => {};
  #ports = { model: 0, worker: 0 };
  #gateway!: RunningApp;
  readonly #workers: RunningApp[] = [];

  constructor(database = createTestDatabase) {
    this.#database = database;
  }

  async open(): Promise<void> {
    this.provider = await startFaultProvider();
    this.#ports = { model: await findFreePort(), worker: await findFreePort() };
    const { model, worker } = this.#ports;
    [, this.#gateway] = await Promise.all([
      this.startModel(),
      startApp('gateway', { INTERNAL_TOKEN, MODEL_PORT: String(model), WORKER_PORT: String(worker) }),
    ]);
    this.gatewayUrl = this.#gateway.url;
    this.api = createApiClient({ baseUrl: this.gatewayUrl });
  }

  async close(): Promise<void> {
    await Promise.all([this.model.close(), this.#gateway.close(), this.provider.close()]);
  }

  async begin(): Promise<void> {
    const { url, drop } = await this.#database();
    this.databaseUrl = url;
    this.#drop = drop;
    this.provider.gate.close();
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.close()));
    await this.#drop();
  }

  /** At the same address each time. */
  async startModel(): Promise<void> {
    const MODEL_PORT = String(this.#ports.model);
    const env = { INTERNAL_TOKEN, MODEL_PORT, MODELS_FILE: MODELS_WITHOUT_BREAKER, OPENAI_BASE_URL: this.provider.baseUrl };
    this.model = await startApp('model', env);
  }

  /** The one that the gateway calls; another may follow it when it is gone. */
  startWorker(env: Env = {}): Promise<RunningApp> {
    return this.startOtherWorker({ WORKER_PORT: String(this.#ports.worker), ...env });
  }

  async startOtherWorker(env: Env = {}): Promise<RunningApp> {
    const worker = await startApp('worker', {
      INTERNAL_TOKEN,
      DATABASE_URL: this.databaseUrl,
      MODEL_SERVICE_URL: this.model.url,
      JOB_CONCURRENCY: '4',
      JOB_LEASE_MS: '3000',
      ...env,
    });
    this.#workers.push(worker);
    return worker;
  }

  async submit(count: number, model: string): Promise<Batch> {
    const prompts = promptsOf(count);
    const { job_id } = await this.api.jobs.submitFile({
      format: 'txt',
      bytes: new Blob([prompts.join('\n')]),
      options: { model },
    });
    return this.batchOf(job_id, prompts);
  }

  batchOf(jobId: string, prompts: readonly string[]): Batch {
    const own = new Set(prompts);
    return { jobId, prompts, calls: () => this.provider.calls.filter(({ prompt }) => own.has(prompt)) };
  }

  /** Resolves with the job once it is over. */
  ended({ jobId }: Batch): Promise<Job> {
    return vi.waitFor(async () => {
      const job = await this.api.jobs.get(jobId);
      if (!isTerminalJobStatus(job.status)) throw new Error(`It goes on: ${JSON.stringify({ ...job, results: undefined })}`);
      return job;
    }, WAIT);
  }

  /** Resolves when the provider has met `count` calls of the job. */
  async asked(batch: Batch, count: number): Promise<void> {
    await vi.waitFor(() => expect(batch.calls().length).toBeGreaterThanOrEqual(count), WAIT);
  }

  async items({ jobId }: Batch): Promise<JobItem[]> {
    const items: JobItem[] = [];
    for (let after: number | null = -1; after !== null; ) {
      const page = await this.api.jobs.items(jobId, { limit: 200, after });
      items.push(...page.items);
      after = page.next_after;
    }
    return items;
  }

  async results({ jobId }: Batch): Promise<JobResultLine[]> {
    const text = await (await fetch(`${this.gatewayUrl}/api/v1/jobs/${jobId}/results.jsonl`)).text();
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  /** The prompts whose answers are recorded, asked of the database itself: nobody else has to run. */
  async recorded({ jobId, prompts }: Batch): Promise<ReadonlySet<string>> {
    const rows = await this.query("select index from worker.job_items where job_id = $1 and status = 'succeeded'", [jobId]);
    return new Set(rows.map(({ index }) => prompts[index as number] ?? ''));
  }

  query(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return withConnection(this.databaseUrl, async (client) => (await client.query(sql, values)).rows);
  }

  /**
   * Resolves when the worker holds prompts of a job of the model `gated` that it has not begun: fast answers make it
   * take more than it can begin, until they stop. `inFlight` is what all workers together ask at once.
   */
  async hoarding(worker: RunningApp, batch: Batch, inFlight: number): Promise<void> {
    await vi.waitFor(async () => {
      this.provider.gate.open();
      await this.asked(batch, batch.calls().length + 200);
      this.provider.gate.close();
      // Every answer is recorded, so what it holds beyond its calls has not been begun.
      await vi.waitFor(async () => expect(batch.calls().length - (await this.recorded(batch)).size).toBe(inFlight), WAIT);
      expect((await this.heldBy(worker)).length).toBeGreaterThan(inFlight);
    }, WAIT);
  }

  heldBy(worker: RunningApp): Promise<Record<string, unknown>[]> {
    const sql =
      "select i.index from worker.job_items i join worker.workers w on w.id = i.worker_id where i.status = 'running' and w.name = $1";
    return this.query(sql, [nameOf(worker)]);
  }

  /** While `run` goes on, the worker asks to renew its lease and gets no answer, so it does not learn that it has lost it. */
  unansweredRenewal(worker: RunningApp, run: () => Promise<void>): Promise<void> {
    return withConnection(this.databaseUrl, async (client) => {
      await client.query('begin');
      await client.query('select from worker.workers where name = $1 for no key update', [nameOf(worker)]);
      await run();
      await client.query('rollback');
    });
  }

  /** A number that the worker tells of itself. */
  async metric(worker: RunningApp, name: string): Promise<number> {
    const response = await fetch(`${worker.url}/metrics`, { headers: { authorization: `Bearer ${INTERNAL_TOKEN}` } });
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await response.text())?.[1]);
  }
}

/** The world of a test file. Its parts are there once the tests have begun. */
export function useJobWorld(...parameters: ConstructorParameters<typeof JobWorld>): JobWorld {
  const world = new JobWorld(...parameters);
  beforeAll(() => world.open());
  beforeEach(() => world.begin());
  afterEach(() => world.end());
  afterAll(() => world.close());
  return world;
}

export function promptsOf(count: number): string[] {
  const tag = randomUUID().slice(0, 8);
  return Array.from({ length: count }, (_, index) => `${tag} prompt ${index}`);
}

/** As it is shown of the items that it had. */
export const nameOf = ({ pid }: RunningApp): string => `worker-${pid}`;
