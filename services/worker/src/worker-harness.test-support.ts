import { randomUUID } from 'node:crypto';
import { isTerminalJobStatus, type Job, type JobItem, type JobResultLine, jobOptionsSchema } from '@prodigon/contracts';
import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { createModelService } from '@prodigon/model-service';
import { createHttpServer, createInternalContextFactory, createLifecycle, createLogger, createMetrics } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import { createHttp2Transport, createRemoteModelClient } from '@prodigon/service-clients';
import {
  createDatabase,
  createNoopUsageStore,
  createPostgresJobQueue,
  createPostgresJobStore,
  createPostgresLeaseStore,
} from '@prodigon/storage';
import { createTestDatabase, startFaultProvider } from '@prodigon/testing';
import { expect, onTestFinished, vi } from 'vitest';
import { createRetryPolicy, createWorkerService, type RetryPolicy } from './index.ts';

/** Shorter than the timeout of a test, so that a failed wait reports its own condition. */
export const WAIT = { timeout: 100_000, interval: 20 };

const internalToken = 'internal-token-of-the-tests';
const context = { principal: { id: 'ada' } } as CallContext;

export interface WorkerOptions {
  concurrency?: number;
  leaseMs?: number;
  retry?: RetryPolicy;
}

export interface Batch {
  readonly jobId: string;
  readonly prompts: readonly string[];
}

const NO_BREAKER = { failuresMax: 1_000, openMs: 100, openMsMax: 100 };

function createMemoryLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { logger: createLogger({ service: 'test', level: 'info', secrets: [], destination }), output: () => lines.join('') };
}

/** Starts a database, the model service behind HTTP/2 and a scripted provider, for workers that run in this process. */
export async function startWorkerHarness({ breaker = NO_BREAKER } = {}) {
  const [{ url, drop }, provider] = await Promise.all([createTestDatabase({ isMigrated: true }), startFaultProvider()]);
  onTestFinished(async () => {
    await provider.close();
    await drop();
  });
  const { logger, output } = createMemoryLog();
  const { db, close } = createDatabase({ url });
  const jobStore = createPostgresJobStore(db);
  onTestFinished(close);

  const adapter = createOpenAiCompatibleProvider({ name: 'scripted', baseUrl: provider.baseUrl, connectTimeoutMs: 5_000 });
  onTestFinished(() => adapter.close());
  const modelService = createModelService({
    providers: [{ endpoints: [adapter], acceptsOtherIds: true }],
    policy: { breaker },
    timeouts: { firstTokenMs: 60_000, idleMs: 60_000 },
    usage: { store: createNoopUsageStore(), retentionDays: 90 },
    metrics: createMetrics(),
    logger,
  });
  onTestFinished(() => modelService.close());

  async function startModelServer(port = 0) {
    const lifecycle = createLifecycle({ drainTimeoutMs: 100 });
    const server = await createHttpServer({
      service: 'model',
      logger,
      metrics: createMetrics(),
      authentication: { internalToken, openMetrics: false },
      http2: true,
      plugins: [modelService.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: 60_000 }) })],
    });
    const baseUrl = await server.listen({ host: '127.0.0.1', port });
    let closing: Promise<void> | undefined;
    const closeServer = () => {
      closing ??= lifecycle.drain().then(() => server.close());
      return closing;
    };
    onTestFinished(closeServer);
    return { baseUrl, close: closeServer };
  }
  const modelServer = await startModelServer();

  /** Starts a worker with its own connections to the database and the model service. */
  function startWorker(name = 'worker-1', { concurrency = 4, leaseMs = 60_000, retry }: WorkerOptions = {}) {
    const connections = createDatabase({ url });
    const transport = createHttp2Transport({ baseUrl: modelServer.baseUrl, connectTimeoutMs: 5_000 });
    const lifecycle = createLifecycle({ drainTimeoutMs: 60_000 });
    const metrics = createMetrics();
    const log = createMemoryLog();
    const worker = createWorkerService({
      jobStore: createPostgresJobStore(connections.db),
      leaseStore: createPostgresLeaseStore(connections.db),
      queue: createPostgresJobQueue(connections.db),
      model: createRemoteModelClient({ transport, internalToken }),
      lifecycle,
      metrics,
      logger: log.logger,
      name,
      limits: { concurrency, leaseMs, retentionDays: 30, timeoutMs: 60_000, cancelGraceMs: 60_000 },
      retry: retry ?? createRetryPolicy({ firstDelayMs: 1 }),
    });
    onTestFinished(async () => {
      await worker.close();
      await transport.close();
      await connections.close();
    });
    worker.start();
    return { ...worker, lifecycle, metrics, output: log.output };
  }

  async function submit(count: number, model: string): Promise<Batch> {
    const tag = randomUUID().slice(0, 8);
    const prompts = Array.from({ length: count }, (_, index) => `${tag} prompt ${index}`);
    const options = { ...jobOptionsSchema.parse({ model }), name: 'test' };
    const { job } = await jobStore.create({ jobId: randomUUID(), ownerId: context.principal.id, options, total: count }, [
      prompts.map((prompt) => ({ prompt })),
    ]);
    return { jobId: job.job_id, prompts };
  }

  const callsOf = ({ prompts }: Batch) => {
    const own = new Set(prompts);
    return provider.calls.filter(({ prompt }) => own.has(prompt));
  };
  const get = ({ jobId }: Batch) => jobStore.get(context.principal.id, jobId);

  return {
    provider,
    /** The log of the model service, at level info. */
    modelServiceLog: output,
    modelServer,
    startModelServer,
    startWorker,
    submit,
    callsOf,
    get,
    context,
    cancel: ({ jobId }: Batch) => jobStore.cancel(context.principal.id, jobId),

    /** Resolves with the job when it has ended. */
    waitForEnd: (batch: Batch): Promise<Job> =>
      vi.waitFor(async () => {
        const job = await get(batch);
        if (!isTerminalJobStatus(job.status)) throw new Error(`The job is ${JSON.stringify({ ...job, results: undefined })}`);
        return job;
      }, WAIT),

    /** Resolves when the provider has received `count` calls of the job. */
    waitForCalls: (batch: Batch, count: number): Promise<void> =>
      vi.waitFor(() => expect(callsOf(batch).length).toBeGreaterThanOrEqual(count), WAIT),

    async items({ jobId }: Batch): Promise<readonly JobItem[]> {
      return (await jobStore.items(context.principal.id, jobId, { limit: 5_000, after: -1 })).items;
    },

    async results({ jobId }: Batch): Promise<JobResultLine[]> {
      const lines: JobResultLine[] = [];
      for await (const batch of jobStore.results(context.principal.id, jobId, { outcome: 'all' })) lines.push(...batch);
      return lines;
    },

    /** Moves the next attempts of all items of the job into the past. */
    async makeRetriesDue({ jobId }: Batch): Promise<void> {
      await db
        .updateTable('worker.job_items')
        .set({ next_attempt_at: new Date(0) })
        .where('job_id', '=', jobId)
        .execute();
    },
  };
}
