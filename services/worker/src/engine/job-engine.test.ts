import { AppError } from '@prodigon/contracts';
import { createLifecycle, createLogger, createMetrics } from '@prodigon/platform';
import {
  type CallContext,
  type ItemOutcome,
  type ItemResult,
  type JobQueue,
  type Lease,
  type LeasedItem,
  type LeaseStore,
  type ModelClient,
  ServiceUnreachableError,
  type SweepReport,
  type WorkerSession,
} from '@prodigon/ports';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createJobEngine, type JobEngineOptions } from './job-engine.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

interface Call {
  readonly prompt: string;
  readonly signal: AbortSignal;
  succeed(): void;
  fail(error: Error): void;
}

const NOTHING_TO_SWEEP: SweepReport = { requeued: 0, expiredJobs: 0, purgedJobs: 0 };

/** Starts an engine over a store and a queue in memory, and a model whose calls the test ends. */
function setUp(options: Partial<JobEngineOptions> = {}) {
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

/** Advances the clock far enough for any task to run once. */
const tick = (ms = 300) => vi.advanceTimersByTimeAsync(ms);

/** Starts the engine and leaves it with prefetched items and with calls in flight that do not end. */
async function prefetch(add: (count: number) => void, engine: { start(): void }, state: { isModelInstant: boolean }) {
  state.isModelInstant = true;
  add(3_000);
  engine.start();
  await tick(400);
  state.isModelInstant = false;
  await tick(10);
}

describe('claiming', () => {
  it('keeps as many items in flight as the concurrency allows', async () => {
    const { engine, add, calls, claims, outcomes } = setUp();
    add(5);
    engine.start();
    await tick();
    expect(calls.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1']);
    expect(claims[0]?.max).toBe(2);
    calls[0]?.succeed();
    await tick();
    expect(calls.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1', 'prompt 2']);
    expect(claims.at(-1)?.max).toBe(1);
    expect(outcomes()).toEqual([[0, 'succeeded']]);
  });

  it('claims new items immediately when it is woken', async () => {
    const { engine, add, calls, queue } = setUp();
    engine.start();
    await tick(1);
    add(1);
    engine.wake();
    await tick(0);
    expect(queue.notify).toHaveBeenCalledTimes(1);
    expect(calls).toHaveLength(1);
  });

  it('prefetches items that end faster than a claim takes', async () => {
    const { engine, add, claims, state, leaseStore } = setUp();
    state.isModelInstant = true;
    add(2_000);
    engine.start();
    await tick(1_000);
    expect(Math.max(...claims.map(({ max }) => max))).toBeGreaterThan(10);
    expect(leaseStore.openSession).toHaveBeenCalledTimes(1);
  });

  it('does not prefetch slow items', async () => {
    const { engine, add, claims, calls } = setUp();
    add(20);
    engine.start();
    for (let round = 0; round < 5; round += 1) {
      await tick(1_000);
      for (const call of calls) call.succeed();
    }
    expect(Math.max(...claims.map(({ max }) => max))).toBe(2);
  });

  it('stops claiming while too many results are not recorded', async () => {
    const { engine, add, claims, state } = setUp({ concurrency: 2_001 });
    state.isModelInstant = true;
    state.recordError = new AppError('SERVICE_UNAVAILABLE');
    add(6_000);
    engine.start();
    await tick(1_000);
    const claimsWhileFull = claims.length;
    await tick(5_000);
    expect(claims).toHaveLength(claimsWhileFull);
    state.recordError = undefined;
    await tick(5_000);
    expect(claims.length).toBeGreaterThan(claimsWhileFull);
  });

  it('retries after an error of the store', async () => {
    const { engine, add, calls, state, lines } = setUp();
    add(1);
    state.claimError = new AppError('SERVICE_UNAVAILABLE');
    engine.start();
    await tick(5_000);
    expect(calls).toEqual([]);
    expect(lines.filter((line) => line.includes('Background task failed'))).toHaveLength(1);
    state.claimError = undefined;
    await tick(3_000);
    expect(calls).toHaveLength(1);
    expect(lines.filter((line) => line.includes('Background task recovered'))).toHaveLength(1);
  });

  it('requeues leases of a claim whose response was lost', async () => {
    const { engine, add, state, outcomes, leaseStore } = setUp();
    add(2);
    engine.start();
    await tick();
    leaseStore.findHeldLeases.mockClear();
    await tick(1_000);
    expect(leaseStore.findHeldLeases).not.toHaveBeenCalled();
    state.claimError = new AppError('SERVICE_UNAVAILABLE');
    state.held = [0, 1, 7].map((index) => ({ jobId: 'job', index, lease: 1 }));
    engine.wake();
    // Both items are in flight, so the engine claims again only when one ends.
    await tick(1_000);
    expect(outcomes()).toEqual([]);
    await tick(20_000);
    expect(outcomes()).toEqual([[7, 'requeued']]);
  });

  it('checks for orphaned leases right after a failed claim', async () => {
    const { engine, state, outcomes, leaseStore } = setUp();
    engine.start();
    await tick();
    leaseStore.findHeldLeases.mockClear();
    state.claimError = new AppError('SERVICE_UNAVAILABLE');
    state.held = [{ jobId: 'job', index: 7, lease: 1 }];
    await tick(1_000);
    expect(leaseStore.findHeldLeases).toHaveBeenCalled();
    expect(outcomes()[0]).toEqual([7, 'requeued']);
  });
});

describe('graceful shutdown', () => {
  it('requeues prefetched items when the drain begins, and lets items in flight finish', async () => {
    const { engine, add, calls, state, outcomes, lifecycle, claims } = setUp();
    await prefetch(add, engine, state);
    const inFlight = calls.slice(-2);
    const recorded = outcomes().length;
    void lifecycle.drain();
    const claimsBefore = claims.length;
    await tick();
    const requeued = outcomes().slice(recorded);
    expect(requeued.length).toBeGreaterThan(2);
    expect(new Set(requeued.map(([, type]) => type))).toEqual(new Set(['requeued']));
    expect(inFlight.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    for (const call of inFlight) call.succeed();
    await tick();
    expect(outcomes().slice(-2)).toEqual(inFlight.map(({ prompt }) => [Number(prompt.slice(7)), 'succeeded']));
    expect(claims).toHaveLength(claimsBefore);
  });

  it('requeues items in flight and closes the session', async () => {
    const { engine, add, calls, outcomes, leaseStore } = setUp();
    add(2);
    engine.start();
    await tick();
    await engine.close();
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(outcomes()).toEqual([
      [0, 'requeued'],
      [1, 'requeued'],
    ]);
    expect(leaseStore.closeSession).toHaveBeenCalledTimes(1);
  });

  it('closes even if the session cannot be closed', async () => {
    const { engine, leaseStore, lines } = setUp();
    engine.start();
    await tick();
    leaseStore.closeSession.mockRejectedValueOnce(new AppError('SERVICE_UNAVAILABLE'));
    await engine.close();
    expect(lines.join()).toContain('SERVICE_UNAVAILABLE');
  });
});

describe('leases', () => {
  it('renews its session at a third of the lease', async () => {
    const { engine, leaseStore } = setUp({ leaseMs: 3_000 });
    engine.start();
    await tick(900);
    expect(leaseStore.renewSession).not.toHaveBeenCalled();
    await tick(400);
    expect(leaseStore.renewSession).toHaveBeenCalledTimes(1);
    await tick(5_000);
    expect(leaseStore.renewSession.mock.calls.length).toBeGreaterThanOrEqual(4);
    expect(leaseStore.openSession).toHaveBeenCalledTimes(1);
  });

  it('drops its items and opens a new session when the lease has expired', async () => {
    const { engine, add, calls, state, results, leaseStore } = setUp({ leaseMs: 3_000 });
    add(2);
    engine.start();
    await tick();
    state.isSessionExpired = true;
    await tick(1_300);
    state.isSessionExpired = false;
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(results).toEqual([]);
    const [first, second] = leaseStore.openSession.mock.calls.map(([session]) => session.id);
    expect(second).not.toBe(first);
    add(1);
    await tick();
    calls.at(-1)?.succeed();
    await tick();
    expect(results).toMatchObject([{ session: second, outcome: { type: 'succeeded' } }]);
  });

  it('starts nothing while the lease is not certainly valid', async () => {
    const { engine, add, calls, leaseStore } = setUp({ leaseMs: 3_000 });
    engine.start();
    await tick();
    const renewal = Promise.withResolvers<boolean>();
    leaseStore.renewSession.mockImplementationOnce(() => renewal.promise);
    add(1);
    await tick(4_000);
    const before = calls.length;
    calls[0]?.succeed();
    add(1);
    engine.wake();
    await tick();
    expect(calls).toHaveLength(before);
    renewal.resolve(true);
    await tick();
    expect(calls).toHaveLength(before + 1);
  });
});

describe('cancellation', () => {
  it('requeues prefetched items of a stopped job and aborts its items in flight after the grace', async () => {
    const { engine, add, calls, state, outcomes } = setUp({ cancelGraceMs: 30_000 });
    add(2, 'stopped');
    add(1, 'other');
    engine.start();
    await tick();
    state.stopped = new Set(['stopped']);
    engine.wake();
    await tick(29_000);
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    calls[1]?.succeed();
    await tick(1_500);
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(outcomes()).toEqual([
      [1, 'succeeded'],
      [0, 'requeued'],
    ]);
    expect(calls.at(-1)).toMatchObject({ prompt: 'prompt 2' });
    expect(calls.at(-1)?.signal.aborted).toBe(false);
  });

  it('starts no item of a job whose state is older than half a second', async () => {
    const { engine, add, calls, state, leaseStore } = setUp();
    await prefetch(add, engine, state);
    const query = Promise.withResolvers<Set<string>>();
    leaseStore.findStoppedJobs.mockImplementation(() => query.promise);
    await tick(600);
    const before = calls.length;
    for (const call of calls) call.succeed();
    await tick(100);
    expect(calls).toHaveLength(before);
    leaseStore.findStoppedJobs.mockImplementation(async () => state.stopped);
    query.resolve(state.stopped);
    await tick(500);
    expect(calls.length).toBeGreaterThan(before);
  });
});

describe('an unreachable model service', () => {
  it('requeues items and backs off, twice as long each time, until a call succeeds', async () => {
    const { engine, add, calls, claims, lines, outcomes } = setUp({ concurrency: 1 });
    add(1);
    engine.start();
    await tick(1);
    const backoffs: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      calls.at(-1)?.fail(new ServiceUnreachableError('The model service cannot be reached.'));
      await tick(1);
      const failedAt = performance.now();
      const before = claims.length;
      add(1);
      while (claims.length === before) await tick(10);
      await tick(1);
      backoffs.push(performance.now() - failedAt);
    }
    expect(backoffs.map((ms) => Math.floor(ms / 500) * 500)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000]);
    expect(new Set(outcomes().map(([, type]) => type))).toEqual(new Set(['requeued']));
    expect(lines.filter((line) => line.includes('The model service is unreachable'))).toHaveLength(6);
    calls.at(-1)?.succeed();
    await tick();
    add(1);
    await tick();
    calls.at(-1)?.fail(new ServiceUnreachableError('The model service cannot be reached.'));
    await tick(1);
    expect(lines.at(-1)).toContain('"backoffMs":500');
  });
});

describe('background tasks', () => {
  it('sweeps with the retention, counts expired leases and looks for the requeued items', async () => {
    const { engine, state, leaseStore, queue, metric, lines } = setUp();
    engine.start();
    await tick();
    expect(leaseStore.sweep).toHaveBeenCalledWith({ retentionDays: 7 });
    queue.notify.mockClear();
    state.sweepReport = { requeued: 3, expiredJobs: 1, purgedJobs: 0 };
    await tick(10_000);
    expect(queue.notify).toHaveBeenCalledTimes(1);
    expect(await metric('job_lease_expiries_total')).toBe(3);
    expect(await engine.activity()).toMatchObject({ lease_expiries_total: 3 });
    expect(lines.filter((line) => line.includes('"expiredJobs":1'))).toHaveLength(1);
  });

  it('looks for delayed items that it promoted', async () => {
    const { engine, state, queue } = setUp();
    engine.start();
    await tick();
    expect(queue.notify).not.toHaveBeenCalled();
    state.delayed = 2;
    await tick(250);
    expect(queue.notify).toHaveBeenCalledTimes(1);
  });

  it('measures the depth of the queue every two seconds', async () => {
    const { engine, leaseStore, metric } = setUp();
    engine.start();
    await tick(3_900);
    expect(leaseStore.measureDepth).toHaveBeenCalledTimes(2);
    expect(await metric('job_oldest_age_seconds')).toBe(1.5);
  });
});

it('fails an attempt that exceeds its timeout', async () => {
  const { engine, add, calls, outcomes, results } = setUp({ timeoutMs: 5_000 });
  add(1);
  engine.start();
  await tick();
  await tick(5_000);
  expect(calls[0]?.signal.aborted).toBe(true);
  expect(outcomes()).toEqual([[0, 'retry']]);
  expect(results[0]?.outcome).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } });
});
