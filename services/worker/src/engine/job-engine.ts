import { AppError, type JobActivity } from '@prodigon/contracts';
import type { Lifecycle, Logger, Metrics } from '@prodigon/platform';
import type { ItemOutcome, JobQueue, LeasedItem, LeaseStore, ModelClient, WorkerSession as Session } from '@prodigon/ports';
import { callModel } from './call-model.ts';
import { JobControl } from './cancellation-watcher.ts';
import { ActivityMeter } from './job-metrics.ts';
import { ModelPause } from './model-backoff.ts';
import { ForgottenLeases } from './orphaned-leases.ts';
import { RepeatingTask } from './periodic-task.ts';
import { SettlementWriter } from './result-writer.ts';
import { createRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import { WorkerSession } from './worker-session.ts';

export interface JobEngineOptions {
  leaseStore: LeaseStore;
  queue: JobQueue;
  model: ModelClient;
  lifecycle: Lifecycle;
  metrics: Metrics;
  logger: Logger;
  /** As this worker is shown, e.g. `worker-4711`. */
  name: string;
  /** Items in flight at once. */
  concurrency: number;
  leaseMs: number;
  retentionDays: number;
  /** For one attempt. */
  timeoutMs: number;
  /** How long items in flight may go on after their job was cancelled, in milliseconds. */
  cancelGraceMs?: number;
  retry?: RetryPolicy;
}

interface HeldItem {
  readonly item: LeasedItem;
  readonly session: Session;
}

const POLL_EVERY_MS = 250;
const MEASURE_EVERY_MS = 2_000;
const SWEEP_EVERY_MS_MAX = 10_000;
/** Items that end faster than they can be claimed one round at a time are held ready for this long. */
const READY_FOR_S = 0.25;
const READY_MAX = 500;
const UNSETTLED_MAX = 2_000;
const FLUSH_WITHIN_MS = 5_000;

/**
 * Takes items, asks the model, writes down what came of it. It holds no truth: whatever it has in memory may
 * be lost at any moment, and another worker finds it all in the database.
 */
export class JobEngine {
  readonly #options: JobEngineOptions;
  readonly #session: WorkerSession;
  readonly #control: JobControl;
  readonly #writer: SettlementWriter;
  readonly #forgotten: ForgottenLeases;
  readonly #meter: ActivityMeter;
  readonly #retry: RetryPolicy;
  readonly #tasks: readonly RepeatingTask[];
  readonly #claiming: RepeatingTask;
  readonly #controlling: RepeatingTask;
  /** Leased and not begun. */
  #ready: HeldItem[] = [];
  readonly #modelPause = new ModelPause();
  readonly #running = new Map<HeldItem, AbortController>();
  #isClosing = false;

  constructor(options: JobEngineOptions) {
    const { leaseStore, logger, metrics, leaseMs, retentionDays, name } = options;
    this.#options = options;
    this.#meter = new ActivityMeter(metrics);
    this.#retry = options.retry ?? createRetryPolicy();
    this.#session = new WorkerSession({ leaseStore, name, leaseMs, logger, onLost: () => this.#letGo() });
    this.#forgotten = new ForgottenLeases({ leaseStore, everyMs: leaseMs / 3 });
    this.#control = new JobControl({ leaseStore, onStopped: (jobId) => this.#stopJob(jobId) });
    this.#writer = new SettlementWriter({
      leaseStore,
      logger,
      onSettled: ({ item, outcome }, isRefused) => {
        this.#control.release(item.jobId);
        this.#meter.settled(outcome, isRefused);
        this.#claiming.wake();
      },
    });
    const every = (everyMs: number, what: string, run: () => Promise<boolean | undefined> | Promise<void>) =>
      new RepeatingTask({ what, everyMs, run, logger });
    this.#claiming = every(POLL_EVERY_MS, 'taking prompts of batch jobs', () => this.#claim());
    this.#controlling = every(POLL_EVERY_MS, 'looking for cancelled jobs', () => this.#control.poll());
    this.#tasks = [
      every(Math.min(POLL_EVERY_MS, leaseMs / 6), 'renewing the lease of this worker', () => this.#keepSession()),
      this.#claiming,
      this.#controlling,
      every(POLL_EVERY_MS, 'waking prompts whose next attempt is due', async () => {
        if ((await leaseStore.promoteDelayed()) > 0) this.wake();
      }),
      every(Math.min(SWEEP_EVERY_MS_MAX, leaseMs / 3), 'taking over from lost workers', async () => {
        // After the database was away, we come before the others who would take us for lost.
        await this.#session.keep();
        const { requeued, ...rest } = await leaseStore.sweep({ retentionDays });
        this.#meter.leasesExpired(requeued);
        if (requeued > 0) logger.warn({ items: requeued }, `Took ${requeued} prompts back from workers that had fallen silent`);
        if (rest.expiredJobs + rest.purgedJobs > 0) logger.info(rest, 'Old jobs were put in order');
        if (requeued > 0) this.wake();
      }),
      every(MEASURE_EVERY_MS, 'measuring the queue', async () => this.#meter.depth(await leaseStore.measureDepth())),
    ];
  }

  start(): void {
    for (const task of this.#tasks) task.start();
  }

  /** There may be something to do, or something to stop. */
  wake(): void {
    this.#options.queue.notify();
    this.#claiming.wake();
    this.#controlling.wake();
  }

  async activity(): Promise<JobActivity> {
    return this.#meter.report(await this.#options.leaseStore.measureDepth());
  }

  /** Gives back what has not ended. The calls in flight have had their time: the process's lifecycle gives it to them. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#giveBackReady();
    for (const controller of this.#running.values()) controller.abort(new AppError('CANCELLED'));
    await Promise.all(this.#tasks.map((task) => task.stop()));
    await this.#writer.flush(AbortSignal.timeout(FLUSH_WITHIN_MS));
    await this.#session.close().catch((error: unknown) => {
      this.#options.logger.warn({ code: AppError.from(error).code }, 'What this worker held is free when its lease has expired');
    });
  }

  get #isStopping(): boolean {
    return this.#isClosing || this.#options.lifecycle.isDraining;
  }

  async #keepSession(): Promise<void> {
    await this.#session.keep();
    this.#begin();
  }

  async #claim(): Promise<boolean> {
    await this.#session.keep();
    await this.#giveBackForgotten();
    const room = this.#room();
    if (room <= 0 || this.#isStopping || this.#modelPause.isOn || !this.#session.isValid) return false;
    const session = this.#session.current;
    const sentAt = performance.now();
    const items = await this.#options.queue.claim(session, room).catch((thrown: unknown) => {
      this.#forgotten.suspect();
      throw thrown;
    });
    if (session !== this.#session.current) return true;
    for (const item of items) {
      this.#control.hold(item.jobId, sentAt);
      this.#ready.push({ item, session });
    }
    this.#meter.claimed(items);
    this.#begin();
    return items.length > 0;
  }

  async #giveBackForgotten(): Promise<void> {
    if (!this.#session.isValid) return;
    const session = this.#session.current;
    const known = () => [...[...this.#ready, ...this.#running.keys()].map(({ item }) => item), ...this.#writer.leases];
    for (const item of await this.#forgotten.find(session, known)) {
      this.#control.hold(item.jobId, Number.NEGATIVE_INFINITY);
      this.#writer.add(session, { item, outcome: { type: 'released' } });
    }
  }

  /** How many more items may be held. Only items of a few milliseconds are worth holding before they can begin. */
  #room(): number {
    const { concurrency } = this.#options;
    if (this.#writer.backlog > UNSETTLED_MAX) return 0;
    const soon = this.#meter.itemsPerSecond * READY_FOR_S;
    const extra = soon > concurrency ? Math.min(READY_MAX, Math.round(soon)) : 0;
    const room = concurrency + extra - this.#running.size - this.#ready.length;
    // A claim costs about the same for few as for many.
    return extra > 0 && room < extra / 4 && this.#ready.length > 0 ? 0 : room;
  }

  #begin(): void {
    if (this.#isStopping) this.#giveBackReady();
    while (this.#ready.length > 0 && this.#running.size < this.#options.concurrency) {
      const [next] = this.#ready;
      if (!next || this.#modelPause.isOn || !this.#session.isValid) return;
      const state = this.#control.stateOf(next.item.jobId);
      if (state === 'unknown') {
        this.#controlling.wake();
        return;
      }
      this.#ready.shift();
      if (state === 'stopped') this.#writer.add(next.session, { item: next.item, outcome: { type: 'released' } });
      else void this.#work(next);
    }
  }

  /** Others can begin it now. */
  #giveBackReady(): void {
    for (const { item, session } of this.#ready.splice(0)) this.#writer.add(session, { item, outcome: { type: 'released' } });
  }

  async #work(held: HeldItem): Promise<void> {
    const { model, timeoutMs, lifecycle } = this.#options;
    const controller = new AbortController();
    const untrack = lifecycle.track(controller);
    this.#running.set(held, controller);
    const outcome = await callModel(held.item, { model, retry: this.#retry, timeoutMs, controller });
    untrack();
    this.#running.delete(held);
    this.#meter.ended();
    this.#noteModel(outcome, controller.signal);
    // After the session was lost, others have the item, and it is no longer counted here.
    if (held.session === this.#session.current) this.#writer.add(held.session, { item: held.item, outcome });
    this.#begin();
    if (this.#ready.length === 0) this.#claiming.wake();
  }

  #noteModel({ type }: ItemOutcome, { aborted }: AbortSignal): void {
    if (type === 'succeeded') this.#modelPause.end();
    if (type !== 'released' || aborted || this.#modelPause.isOn) return;
    const ms = this.#modelPause.begin();
    this.#options.logger.warn(`The model service cannot be reached: batch jobs wait ${ms / 1_000} s`);
  }

  #stopJob(jobId: string): void {
    const { cancelGraceMs = 30_000 } = this.#options;
    const inFlight = [...this.#running].filter(([{ item }]) => item.jobId === jobId).map(([, controller]) => controller);
    const timer = setTimeout(() => {
      for (const controller of inFlight) controller.abort(new AppError('CANCELLED'));
    }, cancelGraceMs);
    timer.unref();
    this.#begin();
    // What was held ready ends here too, even when every place is taken.
    for (const held of this.#ready.filter(({ item }) => item.jobId === jobId)) {
      this.#ready.splice(this.#ready.indexOf(held), 1);
      this.#writer.add(held.session, { item: held.item, outcome: { type: 'released' } });
    }
  }

  /** Others may work on it already. */
  #letGo(): void {
    for (const { item } of this.#ready.splice(0)) this.#control.release(item.jobId);
    for (const [{ item }, controller] of this.#running) {
      this.#control.release(item.jobId);
      controller.abort(new AppError('CANCELLED'));
    }
  }
}
