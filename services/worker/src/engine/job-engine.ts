import { AppError, type JobActivity } from '@prodigon/contracts';
import type { Lifecycle, Logger, Metrics } from '@prodigon/platform';
import type { ItemOutcome, ItemResult, JobQueue, LeasedItem, LeaseStore, ModelClient, WorkerSession } from '@prodigon/ports';
import { callModel, createModelBackoff } from './call-model.ts';
import { createCancellationWatcher } from './cancellation-watcher.ts';
import { createJobMetrics } from './job-metrics.ts';
import { createPeriodicTask, type PeriodicTaskOptions } from './periodic-task.ts';
import { createResultWriter } from './result-writer.ts';
import { createRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import { createOrphanedLeases, createWorkerSession } from './worker-session.ts';

export interface JobEngineOptions {
  leaseStore: LeaseStore;
  queue: JobQueue;
  model: ModelClient;
  lifecycle: Lifecycle;
  metrics: Metrics;
  logger: Logger;
  /** Displayed name of this worker, e.g. `worker-4711`. */
  name: string;
  /** Maximum items in flight. */
  concurrency: number;
  leaseMs: number;
  retentionDays: number;
  /** Timeout of one attempt. */
  timeoutMs: number;
  /** How long items in flight may continue after a cancellation. */
  cancelGraceMs?: number;
  retry?: RetryPolicy;
}

export interface JobEngine {
  start(): void;
  /** Checks the queue and cancellations now. */
  wake(): void;
  activity(): Promise<JobActivity>;
  /** Requeues all unfinished items. The lifecycle of the process has already waited for the calls in flight. */
  close(): Promise<void>;
}

interface HeldItem {
  readonly item: LeasedItem;
  readonly session: WorkerSession;
}

const POLL_EVERY_MS = 250;
/** How long no job is unfinished before a worker is idle, and how many times longer its intervals are then. */
const IDLE_AFTER_MS = 5_000;
const IDLE_FACTOR = 4;
const MEASURE_EVERY_MS = 2_000;
const SWEEP_EVERY_MS_MAX = 10_000;
const REQUEUE_EVERY_MS_MAX = 1_000;
/** Below the time in which a disconnected worker must renew its lease. */
const RENEWAL_RETRY_MS_MAX = 500;
/** How far ahead to prefetch items that end faster than one claim takes. */
const PREFETCH_S = 0.25;
const PREFETCH_MAX = 500;
/** Maximum results that are not recorded. Claims pause above it. */
const BACKLOG_MAX = 2_000;
const FLUSH_WITHIN_MS = 5_000;

/**
 * Creates the engine that claims items, calls the model and records the results. The database is the source of truth:
 * when this process crashes, other workers continue with its items.
 */
export function createJobEngine(options: JobEngineOptions): JobEngine {
  const { leaseStore, queue, model, lifecycle, logger, concurrency, leaseMs, retentionDays, timeoutMs, name } = options;
  const { cancelGraceMs = 30_000, retry = createRetryPolicy() } = options;
  /** Leased items that have not started. */
  const prefetched: HeldItem[] = [];
  const inFlight = new Map<HeldItem, AbortController>();
  let isClosing = false;
  let isIdle = false;
  /** When there was last work, by this process's monotonic clock. */
  let busyAt = performance.now();

  const metrics = createJobMetrics(options.metrics);
  const backoff = createModelBackoff();
  const session = createWorkerSession({ leaseStore, name, leaseMs, logger, onExpired: dropAll });
  const orphanedLeases = createOrphanedLeases({ leaseStore, everyMs: leaseMs / 3 });
  const cancellations = createCancellationWatcher({ leaseStore, onStopped: stopJob });
  const results = createResultWriter({ leaseStore, logger, onRecorded });

  const every = (
    everyMs: PeriodicTaskOptions['everyMs'],
    taskName: string,
    run: () => Promise<boolean | undefined> | Promise<void>,
  ) => createPeriodicTask({ name: taskName, everyMs, run, logger });
  const everyUnlessIdle = (everyMs: number) => () => (isIdle ? IDLE_FACTOR * everyMs : everyMs);
  const claiming = every(everyUnlessIdle(POLL_EVERY_MS), 'claim items', claim);
  const watching = every(POLL_EVERY_MS, 'watch cancellations', () => cancellations.poll());
  const tasks = [
    createPeriodicTask({
      name: 'renew lease',
      everyMs: Math.min(POLL_EVERY_MS, leaseMs / 6),
      retryDelayMaxMs: RENEWAL_RETRY_MS_MAX,
      run: renewSession,
      logger,
    }),
    claiming,
    watching,
    every(everyUnlessIdle(POLL_EVERY_MS), 'promote delayed items', async () => {
      if ((await leaseStore.promoteDelayed()) > 0) wake();
    }),
    every(everyUnlessIdle(Math.min(REQUEUE_EVERY_MS_MAX, leaseMs / 3)), 'requeue orphaned items', requeueOrphanedItems),
    every(Math.min(SWEEP_EVERY_MS_MAX, leaseMs / 3), 'sweep', sweep),
    every(MEASURE_EVERY_MS, 'measure queue depth', measureDepth),
  ];

  const isStopping = () => isClosing || lifecycle.isDraining;
  const canStart = () => !backoff.isActive && session.isValid;

  function wake(): void {
    markBusy();
    queue.notify();
    claiming.wake();
    watching.wake();
  }

  function markBusy(): void {
    isIdle = false;
    busyAt = performance.now();
  }

  async function measureDepth(): Promise<void> {
    const sentAt = performance.now();
    const depth = await leaseStore.measureDepth();
    metrics.recordDepth(depth);
    if (depth.waiting + depth.running + inFlight.size + prefetched.length + results.backlog > 0) {
      if (isIdle) wake();
      markBusy();
    } else isIdle = sentAt - busyAt >= IDLE_AFTER_MS;
  }

  async function renewSession(): Promise<void> {
    await session.renewIfDue();
    startPrefetched();
  }

  async function sweep(): Promise<void> {
    // After an outage of the database, this worker renews its lease before other workers can requeue its items.
    await session.renewIfDue();
    const { requeued, ...cleanup } = await leaseStore.sweep({ retentionDays });
    if (cleanup.expiredJobs + cleanup.purgedJobs > 0) logger.info(cleanup, 'Expired or deleted old jobs');
    onRequeued(requeued);
  }

  /** Takes over the items of a killed worker within seconds. A sweep finds them too, but runs rarely. */
  async function requeueOrphanedItems(): Promise<void> {
    await session.renewIfDue();
    onRequeued(await leaseStore.requeueOrphaned());
  }

  function onRequeued(items: number): void {
    metrics.recordLeaseExpiries(items);
    if (items === 0) return;
    logger.warn({ items }, 'Requeued items of workers whose lease expired');
    wake();
  }

  async function claim(): Promise<boolean> {
    await session.renewIfDue();
    await requeueOrphaned();
    const capacity = claimCapacity();
    if (capacity <= 0 || isStopping() || !canStart()) return false;
    const claimedFor = session.current;
    const sentAt = performance.now();
    const items = await queue.claim(claimedFor, capacity).catch((thrown: unknown) => {
      orphanedLeases.suspect();
      markBusy();
      throw thrown;
    });
    if (claimedFor !== session.current) return true;
    for (const item of items) {
      cancellations.hold(item.jobId, sentAt);
      prefetched.push({ item, session: claimedFor });
    }
    metrics.recordClaim(items);
    startPrefetched();
    return items.length > 0;
  }

  async function requeueOrphaned(): Promise<void> {
    if (!session.isValid) return;
    const current = session.current;
    const known = () => [...[...prefetched, ...inFlight.keys()].map(({ item }) => item), ...results.leases];
    for (const item of await orphanedLeases.find(current, known)) {
      cancellations.hold(item.jobId, Number.NEGATIVE_INFINITY);
      results.add(current, { item, outcome: { type: 'requeued' } });
    }
  }

  /** Returns how many more items to claim. Prefetches only items that run for a few milliseconds. */
  function claimCapacity(): number {
    if (results.backlog > BACKLOG_MAX) return 0;
    const startingSoon = metrics.itemsPerSecond * PREFETCH_S;
    const prefetch = startingSoon > concurrency ? Math.min(PREFETCH_MAX, Math.round(startingSoon)) : 0;
    const capacity = concurrency + prefetch - inFlight.size - prefetched.length;
    // A claim of few items costs about as much as a claim of many.
    return prefetch > 0 && capacity < prefetch / 4 && prefetched.length > 0 ? 0 : capacity;
  }

  function startPrefetched(): void {
    if (isStopping()) requeuePrefetched();
    while (prefetched.length > 0 && inFlight.size < concurrency) {
      const [next] = prefetched;
      if (!next || !canStart()) return;
      const state = cancellations.stateOf(next.item.jobId);
      if (state === 'unknown') {
        watching.wake();
        return;
      }
      prefetched.shift();
      if (state === 'stopped') requeue(next);
      else void run(next);
    }
  }

  function requeuePrefetched(): void {
    for (const held of prefetched.splice(0)) requeue(held);
  }

  function requeue(held: HeldItem): void {
    results.add(held.session, { item: held.item, outcome: { type: 'requeued' } });
  }

  async function run(held: HeldItem): Promise<void> {
    const controller = new AbortController();
    const untrack = lifecycle.track(controller);
    inFlight.set(held, controller);
    const outcome = await callModel(held.item, { model, retry, timeoutMs, controller });
    untrack();
    inFlight.delete(held);
    metrics.recordEnd();
    updateBackoff(outcome, controller.signal);
    // After the session has expired, other workers hold the item.
    if (held.session === session.current) results.add(held.session, { item: held.item, outcome });
    startPrefetched();
    if (prefetched.length === 0) claiming.wake();
  }

  function updateBackoff({ type }: ItemOutcome, { aborted }: AbortSignal): void {
    if (type === 'succeeded') backoff.reset();
    // Without an abort, only an unreachable model service requeues an item.
    if (type !== 'requeued' || aborted || backoff.isActive) return;
    logger.warn({ backoffMs: backoff.start() }, 'The model service is unreachable; batch jobs back off');
  }

  function onRecorded({ item, outcome }: ItemResult, isRejected: boolean): void {
    cancellations.release(item.jobId);
    metrics.recordResult(outcome, isRejected);
    claiming.wake();
  }

  function stopJob(jobId: string): void {
    const controllers = [...inFlight].filter(([{ item }]) => item.jobId === jobId).map(([, controller]) => controller);
    const timer = setTimeout(() => {
      for (const controller of controllers) controller.abort(new AppError('CANCELLED'));
    }, cancelGraceMs);
    timer.unref();
    startPrefetched();
    // Requeues prefetched items of the job now, even while no capacity is free.
    for (const held of prefetched.filter(({ item }) => item.jobId === jobId)) {
      prefetched.splice(prefetched.indexOf(held), 1);
      requeue(held);
    }
  }

  /** Drops all items without results, because other workers may hold them. */
  function dropAll(): void {
    for (const { item } of prefetched.splice(0)) cancellations.release(item.jobId);
    for (const [{ item }, controller] of inFlight) {
      cancellations.release(item.jobId);
      controller.abort(new AppError('CANCELLED'));
    }
  }

  return {
    start() {
      for (const task of tasks) task.start();
    },
    wake,
    activity: async () => metrics.toActivity(await leaseStore.measureDepth()),
    async close() {
      isClosing = true;
      requeuePrefetched();
      for (const controller of inFlight.values()) controller.abort(new AppError('CANCELLED'));
      await Promise.all(tasks.map((task) => task.stop()));
      await results.flush(AbortSignal.timeout(FLUSH_WITHIN_MS));
      await session.close().catch((error: unknown) => {
        logger.warn(
          { code: AppError.from(error).code },
          'The session could not be closed; its items are requeued after the lease',
        );
      });
    },
  };
}
