import {
  AppError,
  type Job,
  type JobEvent,
  type JobEventData,
  type JobItemList,
  type JobItemsQuery,
  type JobTimings,
  type RunningItem,
  sleep,
} from '@prodigon/contracts';
import { createStore } from 'zustand/vanilla';
import { isFinished } from '../job-progress.ts';
import { createAttemptTimeline } from './attempt-timeline.ts';
import { appendSample, type ThroughputSample } from './job-metrics.ts';

/** Events are rendered in batches, because they arrive faster than users read. */
const COMMIT_INTERVAL_MS = 100;
/** Duration of event processing before it yields to the main thread. */
const READ_SLICE_MS = 12;
const TIMINGS_INTERVAL_MS = 5_000;
/** Until the first prompt has succeeded. */
const FIRST_TIMINGS_INTERVAL_MS = 500;
const RETRY_DELAY_MS = 2_000;

/** The latest state of an item as an event carries it: without its prompt and output. */
export type ItemChange = JobEventData<'item'>;

export interface JobClient {
  get: (signal: AbortSignal) => Promise<Job>;
  timings: (signal: AbortSignal) => Promise<JobTimings>;
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
  /** The latest measurements of the server; null before the first. */
  timings: JobTimings | null;
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
  const listeners = new Set<ItemListener>();
  let changes = new Map<number, ItemChange>();
  let latest: JobEventData<'job'> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timingsReadAt = Number.NEGATIVE_INFINITY;
  let timingsTimer: ReturnType<typeof setTimeout> | undefined;
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
    if (changes.size > 0) {
      scheduleTimings(now);
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
      timeline.recordItem(event.data, now);
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

  /** Reads the measurements once the interval since the last time has passed. */
  function scheduleTimings(now: number): void {
    const isMeasured = (store.getState().timings?.measured_prompts ?? 0) > 0;
    const intervalMs = isMeasured ? TIMINGS_INTERVAL_MS : FIRST_TIMINGS_INTERVAL_MS;
    timingsTimer ??= setTimeout(() => void readTimings(), Math.max(0, timingsReadAt + intervalMs - now));
  }

  /** Reads the measurements of the server, and the attempts from before the page opened. A failure keeps earlier ones. */
  async function readTimings(): Promise<void> {
    const signal = controller?.signal;
    if (!signal) return;
    clearTimeout(timingsTimer);
    timingsTimer = undefined;
    timingsReadAt = Date.now();
    const timings = await client.timings(signal).catch(() => null);
    if (signal.aborted) return;
    if (timings) timeline.recordHistory(timings.attempts);
    store.setState({ isHistoryLoaded: true, ...(timings && { timings }) });
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const job = await client.get(signal);
        const { epoch } = store.getState();
        const connection = isFinished(job) ? 'closed' : 'live';
        store.setState({ job, receivedAt: Date.now(), failure: null, connection, epoch: epoch + 1 });
        void readTimings();
        if (isFinished(job)) {
          store.setState({ running: [] });
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
    clearTimeout(timingsTimer);
    timer = undefined;
    timingsTimer = undefined;
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
