import { AppError, type Job, type JobEvent, type JobItemList, type JobItemsQuery, type RunningItem } from '@prodigon/contracts';
import { createStore } from 'zustand/vanilla';
import { isOver } from '../job-progress.ts';
import { createLaneBook } from './attempt-timeline.ts';
import type { ItemChange } from './item-change.ts';
import { type PaceSample, withSample } from './pace.ts';
import { createTimings, type TimingSummary } from './timings.ts';

/** How often arriving events are shown: they come faster than anyone can read or a page should render. */
const COMMIT_EVERY_MS = 100;
/** How long events are read before the page gets its turn. */
const READ_AT_ONCE_MS = 12;
const SUMMARY_EVERY_MS = 1_000;
const RETRY_AFTER_MS = 2_000;
/** What is asked for at first to draw what happened before this page was opened. */
const SEED_ITEMS = 200;

export interface JobSources {
  get: (signal: AbortSignal) => Promise<Job>;
  items: (query: Partial<JobItemsQuery>, signal: AbortSignal) => Promise<JobItemList>;
  /** Goes on by itself after a lost connection, without gap or repeat. */
  watch: (options: { signal: AbortSignal; after: number; onConnection: (isOpen: boolean) => void }) => AsyncIterable<JobEvent>;
}

export interface WatchState {
  job: Job | null;
  running: readonly RunningItem[];
  /** When the newest word about the job came. */
  receivedAt: number | null;
  /** `over`: the job has ended, and there is nothing to wait for. */
  connection: 'opening' | 'live' | 'lost' | 'over';
  failure: AppError | null;
  samples: readonly PaceSample[];
  timings: TimingSummary | null;
  /** Counts what makes items read before worthless: a retry, the end. */
  epoch: number;
}

export type ItemListener = (changes: ReadonlyMap<number, ItemChange>) => void;
export type JobWatch = ReturnType<typeof createJobWatch>;

/** Follows one job. Whatever it holds is bounded, however many items the job has. */
export function createJobWatch(sources: JobSources) {
  const store = createStore<WatchState>()(() => ({
    job: null,
    running: [],
    receivedAt: null,
    connection: 'opening',
    failure: null,
    samples: [],
    timings: null,
    epoch: 0,
  }));
  const lanes = createLaneBook();
  const timings = createTimings();
  const listeners = new Set<ItemListener>();
  let changes = new Map<number, ItemChange>();
  let newest: Extract<JobEvent, { event: 'job' }>['data'] | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let summarisedAt = 0;
  let controller: AbortController | undefined;

  function commit(): void {
    clearTimeout(timer);
    timer = undefined;
    const now = Date.now();
    const update: Partial<WatchState> = {};
    if (newest) {
      const { job, running } = newest;
      Object.assign(update, { job, running, receivedAt: now, samples: withSample(store.getState().samples, job, now) });
      newest = undefined;
    }
    if (changes.size > 0 && now - summarisedAt >= SUMMARY_EVERY_MS) {
      summarisedAt = now;
      update.timings = timings.summary();
    }
    if (changes.size > 0) {
      const batch = changes;
      changes = new Map();
      for (const listener of listeners) listener(batch);
    }
    store.setState(update);
  }

  function take(event: JobEvent): void {
    const now = Date.now();
    if (event.event === 'job') {
      newest = event.data;
      lanes.recordRunning(event.data.running, now);
    }
    if (event.event === 'item') {
      changes.set(event.data.index, event.data);
      lanes.recordItem(event.data, now, true);
      timings.record(event.data);
    }
    timer ??= setTimeout(commit, COMMIT_EVERY_MS);
  }

  /** Why the connection was lost, in the gateway's words if it has some. */
  async function explain(signal: AbortSignal): Promise<void> {
    try {
      await sources.get(signal);
    } catch (thrown) {
      if (!signal.aborted && store.getState().connection === 'lost') store.setState({ failure: AppError.from(thrown) });
    }
  }

  async function follow(after: number, signal: AbortSignal): Promise<void> {
    const onConnection = (isOpen: boolean) => {
      store.setState({ connection: isOpen ? 'live' : 'lost', failure: null });
      if (!isOpen) void explain(signal);
    };
    let turnBegan = performance.now();
    for await (const event of sources.watch({ signal, after, onConnection })) {
      take(event);
      if (performance.now() - turnBegan < READ_AT_ONCE_MS) continue;
      await pause(0, signal);
      turnBegan = performance.now();
    }
    commit();
  }

  /** What happened before this page was opened: of a large job, a sample of its answers, and its end once it has one. */
  async function seed(job: Job, signal: AbortSignal): Promise<void> {
    const isSmall = job.total_prompts <= SEED_ITEMS;
    if (isSmall || isOver(job)) {
      const { items } = await sources.items(
        { limit: SEED_ITEMS, after: Math.max(-1, job.total_prompts - SEED_ITEMS - 1) },
        signal,
      );
      for (const item of items) {
        lanes.recordItem(item, Date.now(), false);
        timings.record(item);
      }
    }
    if (!isSmall) {
      const { items } = await sources.items({ limit: SEED_ITEMS, status: 'succeeded' }, signal);
      for (const item of items) timings.record(item);
    }
    store.setState({ timings: timings.summary() });
  }

  async function run(signal: AbortSignal): Promise<void> {
    let isSeeded = false;
    while (!signal.aborted) {
      try {
        const job = await sources.get(signal);
        const { epoch } = store.getState();
        const connection = isOver(job) ? 'over' : 'live';
        store.setState({ job, receivedAt: Date.now(), failure: null, connection, epoch: epoch + 1 });
        if (!isSeeded) {
          isSeeded = true;
          seed(job, signal).catch(() => {});
        }
        if (isOver(job)) {
          store.setState({ running: [], timings: timings.summary() });
          return;
        }
        await follow(job.sequence, signal);
        await pause(COMMIT_EVERY_MS, signal);
      } catch (thrown) {
        if (signal.aborted) return;
        const failure = AppError.from(thrown);
        store.setState({ failure, connection: 'lost' });
        if (failure.code === 'JOB_NOT_FOUND') return;
        await pause(RETRY_AFTER_MS, signal);
      }
    }
  }

  function stop(): void {
    controller?.abort();
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    store,
    lanes,
    items: sources.items,
    /** From the beginning, e.g. after a retry; what is shown stays until there is something newer. */
    start(): void {
      stop();
      controller = new AbortController();
      void run(controller.signal);
    },
    stop,
    /** Shows an answer of the API at once. */
    accept: (job: Job) => store.setState({ job, receivedAt: Date.now() }),
    onItems(listener: ItemListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Resolves after a while, or when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
