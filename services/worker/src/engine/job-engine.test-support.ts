import { createLifecycle, createLogger, createMetrics } from '@prodigon/platform';
import type {
  CallContext,
  ItemOutcome,
  ItemResult,
  JobQueue,
  Lease,
  LeasedItem,
  LeaseStore,
  ModelClient,
  SweepReport,
  WorkerSession,
} from '@prodigon/ports';
import { onTestFinished, vi } from 'vitest';
import { createJobEngine, type JobEngineOptions } from './job-engine.ts';

interface Call {
  readonly prompt: string;
  readonly signal: AbortSignal;
  succeed(): void;
  fail(error: Error): void;
}

const NOTHING_TO_SWEEP: SweepReport = { requeued: 0, expiredJobs: 0, purgedJobs: 0 };

/**
 * Creates an engine over an in-memory store and queue, and a model whose calls the test ends. Replaces the timers; `tick`
 * advances them.
 */
export function createEngineHarness(options: Partial<JobEngineOptions> = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const pending: LeasedItem[] = [];
  const claims: { session: string; max: number }[] = [];
  const results: (ItemResult & { session: string })[] = [];
  const calls: Call[] = [];
  const state = {
    isModelInstant: false,
    isSessionExpired: false,
    claimError: undefined as Error | undefined,
    held: [] as readonly Lease[],
    stopped: new Set<string>(),
    sweepReport: NOTHING_TO_SWEEP,
    delayed: 0,
    recordError: undefined as Error | undefined,
  };
  const leaseStore = {
    openSession: vi.fn(async (_session: WorkerSession) => {}),
    renewSession: vi.fn(async (_session: WorkerSession) => !state.isSessionExpired),
    closeSession: vi.fn(async (_session: WorkerSession) => {}),
    findHeldLeases: vi.fn(async () => state.held),
    async recordResults(session, batch) {
      if (state.recordError) throw state.recordError;
      results.push(...batch.map((result) => ({ ...result, session: session.id })));
      return { rejected: [] };
    },
    findStoppedJobs: vi.fn(async () => state.stopped),
    promoteDelayed: vi.fn(async () => state.delayed),
    requeueOrphaned: vi.fn(async () => 0),
    sweep: vi.fn(async () => state.sweepReport),
    measureDepth: vi.fn(async () => ({ waiting: pending.length, running: calls.length, oldestMs: 1_500, workers: [] })),
  } satisfies LeaseStore;
  const queue = {
    notify: vi.fn(),
    async claim({ id }, max) {
      claims.push({ session: id, max });
      if (state.claimError) throw state.claimError;
      return pending.splice(0, max);
    },
  } satisfies JobQueue;
  const model = {
    complete: ({ messages }: { messages: { content: unknown }[] }, { signal }: CallContext) => {
      const { promise, resolve, reject } = Promise.withResolvers<object>();
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      const succeed = () => resolve({ text: 'ok', finish: 'stop', model: 'm', usage, estimated: false, costUsd: 0 });
      signal.addEventListener('abort', () => reject(signal.reason));
      calls.push({ prompt: String(messages.at(-1)?.content), signal, succeed, fail: reject });
      if (state.isModelInstant) setTimeout(succeed, 1);
      return promise;
    },
  } as unknown as ModelClient;
  const lines: string[] = [];
  const lifecycle = createLifecycle({ drainTimeoutMs: 60_000 });
  const metrics = createMetrics();
  const engine = createJobEngine({
    leaseStore,
    queue,
    model,
    lifecycle,
    metrics,
    logger: createLogger({
      service: 'test',
      level: 'info',
      secrets: [],
      destination: { write: (line) => void lines.push(line) },
    }),
    name: 'worker-1',
    concurrency: 2,
    leaseMs: 60_000,
    retentionDays: 7,
    timeoutMs: 100_000,
    ...options,
  });
  let count = 0;
  const add = (number: number, jobId = 'job') => {
    for (let added = 0; added < number; added += 1, count += 1)
      pending.push({
        jobId,
        index: count,
        lease: 1,
        ownerId: 'ada',
        attempt: 1,
        failures: 0,
        prompt: `prompt ${count}`,
        options: { max_tokens: 1, temperature: 0 },
        waitMs: 10,
      });
  };
  onTestFinished(async () => {
    state.recordError = undefined;
    vi.useRealTimers();
    await engine.close();
  });
  const outcomes = () => results.map(({ item, outcome }) => [item.index, outcome.type] as [number, ItemOutcome['type']]);
  const metric = async (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await metrics.registry.metrics())?.[1]);
  return { engine, leaseStore, queue, lifecycle, state, pending, claims, results, outcomes, calls, add, lines, metric };
}

/** Advances the clock, by default far enough for every frequent task to run once. */
export const tick = (ms = 300) => vi.advanceTimersByTimeAsync(ms);

/** Starts the engine until it has prefetched items, and calls in flight that do not end. */
export async function prefetch({ add, engine, state }: ReturnType<typeof createEngineHarness>) {
  state.isModelInstant = true;
  add(3_000);
  engine.start();
  await tick(400);
  state.isModelInstant = false;
  await tick(10);
}
