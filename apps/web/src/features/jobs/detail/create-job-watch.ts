import {
  AppError,
  type Job,
  type JobEvent,
  type JobEventData,
  type JobItemList,
  type JobItemsQuery,
  type RunningItem,
  sleep,
} from '@prodigon/contracts';
import { createStore } from 'zustand/vanilla';
import { isFinished } from '../job-progress.ts';
import { createAttemptTimeline } from './attempt-timeline.ts';
import { appendSample, createTimingStats, type ThroughputSample, type TimingSummary } from './job-metrics.ts';

/** Events are rendered in batches, because they arrive faster than users read. */
const COMMIT_INTERVAL_MS = 100;
/** Duration of event processing before it yields to the main thread. */
const READ_SLICE_MS = 12;
const SUMMARY_INTERVAL_MS = 1_000;
const RETRY_DELAY_MS = 2_000;
/** Number of items that the history from before the page opened contains. */
const INITIAL_ITEMS = 200;

/** The latest state of an item as an event carries it: without its prompt and output. */
export type ItemChange = JobEventData<'item'>;

export interface JobClient {
  get: (signal: AbortSignal) => Promise<Job>;
  items: (query: Partial<JobItemsQuery>, signal: AbortSignal) => Promise<JobItemList>;
  /** Reconnects after a lost connection, without gaps or repetitions. */
  watch: (options: { signal: AbortSignal; after: number; onConnection: (isOpen: boolean) => void }) => AsyncIterable<JobEvent>;
}

export interface WatchState {
  job: Job | null;
  running: readonly RunningItem[];
  /** When the latest state of the job arrived. */
  receivedAt: number | null;
  /** `closed`: the job has finished and sends no more events. */
  connection: 'opening' | 'live' | 'lost' | 'closed';
  failure: AppError | null;
  samples: readonly ThroughputSample[];
  timings: TimingSummary | null;
  /** Whether the history from before the page opened has loaded or failed to load. */
  isHistoryLoaded: boolean;
  /** Increases when loaded items become outdated: after a retry and at the end. */
  epoch: number;
}

export type ItemListener = (changes: ReadonlyMap<number, ItemChange>) => void;
export type JobWatch = ReturnType<typeof createJobWatch>;

/** Creates a watch of one job. Its memory is bounded, independently of the number of items. */
export function createJobWatch(client: JobClient) {
  const store = createStore<WatchState>()(() => ({
    job: null,
    running: [],
    receivedAt: null,
    connection: 'opening',
    failure: null,
    samples: [],
    timings: null,
    isHistoryLoaded: false,
    epoch: 0,
  }));
  const timeline = createAttemptTimeline();
  const timings = createTimingStats();
  const listeners = new Set<ItemListener>();
  let changes = new Map<number, ItemChange>();
  let latest: JobEventData<'job'> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let summarizedAt = 0;
  let controller: AbortController | undefined;

  function commit(): void {
    clearTimeout(timer);
    timer = undefined;
    const now = Date.now();
    const update: Partial<WatchState> = {};
    if (latest) {
      const { job, running } = latest;
      Object.assign(update, { job, running, receivedAt: now, samples: appendSample(store.getState().samples, job, now) });
      latest = undefined;
    }
    if (changes.size > 0 && now - summarizedAt >= SUMMARY_INTERVAL_MS) {
      summarizedAt = now;
      update.timings = timings.summary();
    }
    if (changes.size > 0) {
      const batch = changes;
      changes = new Map();
      for (const listener of listeners) listener(batch);
    }
    store.setState(update);
  }

  function record(event: JobEvent): void {
    const now = Date.now();
    if (event.event === 'job') {
      latest = event.data;
      timeline.recordRunning(event.data.running, now);
    }
    if (event.event === 'item') {
      changes.set(event.data.index, event.data);
      timeline.recordItem(event.data, now, true);
      timings.record(event.data);
    }
    timer ??= setTimeout(commit, COMMIT_INTERVAL_MS);
  }

  /** Sends a request after a lost connection, because its error carries the gateway's message. */
  async function explainLoss(signal: AbortSignal): Promise<void> {
    try {
      await client.get(signal);
    } catch (thrown) {
      if (!signal.aborted && store.getState().connection === 'lost') store.setState({ failure: AppError.from(thrown) });
    }
  }

  async function follow(after: number, signal: AbortSignal): Promise<void> {
    const onConnection = (isOpen: boolean) => {
      store.setState({ connection: isOpen ? 'live' : 'lost', failure: null });
      if (!isOpen) void explainLoss(signal);
    };
    let sliceStart = performance.now();
    for await (const event of client.watch({ signal, after, onConnection })) {
      record(event);
      if (performance.now() - sliceStart < READ_SLICE_MS) continue;
      await sleep(0, signal);
      sliceStart = performance.now();
    }
    commit();
  }

  /** Loads the history from before the page opened: of a large job a sample, of a finished job also the last items. */
  async function loadHistory(job: Job, signal: AbortSignal): Promise<void> {
    const isSmall = job.total_prompts <= INITIAL_ITEMS;
    if (isSmall || isFinished(job)) {
      const after = Math.max(-1, job.total_prompts - INITIAL_ITEMS - 1);
      const { items } = await client.items({ limit: INITIAL_ITEMS, after }, signal);
      for (const item of items) {
        timeline.recordItem(item, Date.now(), false);
        timings.record(item);
      }
    }
    if (!isSmall) {
      const { items } = await client.items({ limit: INITIAL_ITEMS, status: 'succeeded' }, signal);
      for (const item of items) timings.record(item);
    }
    store.setState({ timings: timings.summary() });
  }

  async function run(signal: AbortSignal): Promise<void> {
    let hasHistory = false;
    while (!signal.aborted) {
      try {
        const job = await client.get(signal);
        const { epoch } = store.getState();
        const connection = isFinished(job) ? 'closed' : 'live';
        store.setState({ job, receivedAt: Date.now(), failure: null, connection, epoch: epoch + 1 });
        if (!hasHistory) {
          hasHistory = true;
          loadHistory(job, signal)
            .catch(() => {})
            .finally(() => store.setState({ isHistoryLoaded: true }));
        }
        if (isFinished(job)) {
          store.setState({ running: [], timings: timings.summary() });
          return;
        }
        await follow(job.sequence, signal);
        await sleep(COMMIT_INTERVAL_MS, signal);
      } catch (thrown) {
        if (signal.aborted) return;
        const failure = AppError.from(thrown);
        store.setState({ failure, connection: 'lost' });
        if (failure.code === 'JOB_NOT_FOUND') return;
        await sleep(RETRY_DELAY_MS, signal).catch(() => {});
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
    timeline,
    items: client.items,
    /** Starts or restarts, for example after a retry. The state stays until newer data arrives. */
    start(): void {
      stop();
      controller = new AbortController();
      void run(controller.signal);
    },
    stop,
    /** Shows a job that an API call returned, without waiting for an event. */
    setJob: (job: Job) => store.setState({ job, receivedAt: Date.now() }),
    onItems(listener: ItemListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
