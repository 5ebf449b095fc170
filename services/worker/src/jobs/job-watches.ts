import type { JobChange, JobChangeFeed, JobChanges, JobEventPosition, JobStore } from '@prodigon/ports';

type Snapshot = Awaited<ReturnType<JobStore['snapshot']>>;

/** One watcher's view of a job. */
export interface JobWatch {
  /** Returns the latest state. Rejects when it could not be read, e.g. with `JOB_NOT_FOUND`. */
  snapshot(): Promise<Snapshot>;
  changes(after: JobEventPosition): Promise<JobChanges>;
  /** Resolves when the state has changed since the last `snapshot`, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Poller {
  watchers: number;
  /** Increases with each change of the state. */
  readonly version: number;
  readonly state: Promise<Snapshot>;
  /** Reads of changes in flight, by position, for watchers that continue together. */
  readonly pages: Map<string, Promise<JobChanges>>;
  /** Reads the job soon, but not more often than every `pollEveryMs`. */
  refresh(): void;
  /** Calls `resolve` at the next change. Returns how to cancel. */
  wait(resolve: () => void): () => void;
  stop(): void;
}

export interface JobWatchesOptions {
  readonly jobStore: Pick<JobStore, 'snapshot' | 'changes'>;
  /** Without one, or while it is not connected, each job is polled. */
  readonly changeFeed?: JobChangeFeed | undefined;
  /** Milliseconds between two reads of a job, also when its changes are announced faster. */
  readonly pollEveryMs: number;
}

const keyOf = (ownerId: string, jobId: string) => `${ownerId}/${jobId}`;

/** How much less often a job is read while its changes are announced. Only starts of items have no announcement. */
const ANNOUNCED_FACTOR = { running: 5, idle: 50 };

/** Creates the watches of all event streams. Streams of one job share one poller and the changes that it reads. */
export function createJobWatches({ jobStore, changeFeed, pollEveryMs }: JobWatchesOptions) {
  const jobs = new Map<string, Poller>();
  let unsubscribe: (() => void) | undefined;

  function createPoller(key: string, ownerId: string, jobId: string): Poller {
    let version = 0;
    let state: Promise<Snapshot> = read();
    let lastState: string | undefined;
    let nextDelayMs = pollEveryMs;
    let readAt = performance.now();
    let isReading = true;
    let isStale = false;
    let timer: NodeJS.Timeout | undefined;
    const waiting = new Set<() => void>();
    const pages = new Map<string, Promise<JobChanges>>();

    async function read(): Promise<Snapshot> {
      const snapshot = await jobStore.snapshot(ownerId, jobId);
      const { running } = ANNOUNCED_FACTOR;
      const factor = snapshot.job.status === 'running' ? running : ANNOUNCED_FACTOR.idle;
      nextDelayMs = changeFeed?.isConnected ? pollEveryMs * factor : pollEveryMs;
      return snapshot;
    }

    function publish(next: Promise<Snapshot>): void {
      state = next;
      version += 1;
      pages.clear();
      for (const resolve of waiting) resolve();
      waiting.clear();
    }

    /** Its watchers end with the error. Later ones start again. */
    function fail(next: Promise<Snapshot>): void {
      if (jobs.get(key) === poller) jobs.delete(key);
      publish(next);
    }

    function finishReading(): void {
      isReading = false;
      readAt = performance.now();
      if (waiting.size > 0 || isStale) schedule(isStale ? pollEveryMs : nextDelayMs);
    }

    function schedule(delayMs: number): void {
      clearTimeout(timer);
      timer = setTimeout(poll, Math.max(0, delayMs));
    }

    function poll(): void {
      timer = undefined;
      isReading = true;
      isStale = false;
      const next = read();
      next.then(
        (snapshot) => {
          const text = JSON.stringify(snapshot);
          if (text !== lastState) {
            lastState = text;
            publish(next);
          }
          finishReading();
        },
        () => fail(next),
      );
    }

    state.then(
      (snapshot) => {
        lastState = JSON.stringify(snapshot);
        finishReading();
      },
      () => fail(state),
    );

    const poller: Poller = {
      watchers: 0,
      get version() {
        return version;
      },
      get state() {
        return state;
      },
      pages,
      refresh() {
        if (isReading) isStale = true;
        else schedule(readAt + pollEveryMs - performance.now());
      },
      wait(resolve: () => void): () => void {
        waiting.add(resolve);
        if (!timer && !isReading) schedule(nextDelayMs);
        return () => void waiting.delete(resolve);
      },
      stop: () => clearTimeout(timer),
    };
    return poller;
  }

  function onChange(change: JobChange | undefined): void {
    if (change) jobs.get(keyOf(change.ownerId, change.jobId))?.refresh();
    else for (const poller of jobs.values()) poller.refresh();
  }

  return {
    open(ownerId: string, jobId: string): JobWatch {
      const key = keyOf(ownerId, jobId);
      unsubscribe ??= changeFeed?.subscribe(onChange);
      const poller = jobs.get(key) ?? createPoller(key, ownerId, jobId);
      jobs.set(key, poller);
      poller.watchers += 1;
      let seen = -1;
      let isOpen = true;
      return {
        snapshot() {
          seen = poller.version;
          return poller.state;
        },
        changes(after) {
          const position = `${after.sequence}.${after.index}`;
          const shared = poller.pages.get(position);
          if (shared) return shared;
          const page = jobStore.changes(ownerId, jobId, after);
          poller.pages.set(position, page);
          const forget = () => {
            if (poller.pages.get(position) === page) poller.pages.delete(position);
          };
          page.then(forget, forget);
          return page;
        },
        changed(signal) {
          if (poller.version !== seen || signal.aborted) return Promise.resolve();
          return new Promise((resolve) => {
            const finish = () => {
              cancel();
              signal.removeEventListener('abort', finish);
              resolve();
            };
            const cancel = poller.wait(finish);
            signal.addEventListener('abort', finish, { once: true });
          });
        },
        close() {
          if (!isOpen) return;
          isOpen = false;
          poller.watchers -= 1;
          if (poller.watchers > 0) return;
          poller.stop();
          if (jobs.get(key) === poller) jobs.delete(key);
          if (jobs.size > 0) return;
          unsubscribe?.();
          unsubscribe = undefined;
        },
      };
    },
  };
}
