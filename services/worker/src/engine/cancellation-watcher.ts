import type { LeaseStore } from '@prodigon/ports';

export interface CancellationWatcherOptions {
  leaseStore: LeaseStore;
  /** Called once when a job stops whose items this worker holds. */
  onStopped: (jobId: string) => void;
}

export interface CancellationWatcher {
  /** Counts an item of the job as held. `at` is when its claim was sent, by `performance.now()`. */
  hold(jobId: string, at: number): void;
  /** Counts an item of the job as no longer held. */
  release(jobId: string): void;
  /** Returns the state of the job, or `unknown` until the next poll if the state is too old. */
  stateOf(jobId: string): 'active' | 'stopped' | 'unknown';
  /** Queries the state of all held jobs. Concurrent calls share one query. */
  poll(): Promise<void>;
}

interface HeldJob {
  items: number;
  /** When the job was last known to be active, by this process's monotonic clock. */
  activeAt: number;
  isStopped: boolean;
}

/** Maximum age of a job's state at which its items may start. */
const STATE_AGE_MS_MAX = 500;

/**
 * Creates a watcher that tracks the jobs whose items this worker holds. An item starts only while its job is known to be
 * active. This bounds the time between a cancellation and the last start, even if the worker or its connection stalls.
 */
export function createCancellationWatcher({ leaseStore, onStopped }: CancellationWatcherOptions): CancellationWatcher {
  const jobs = new Map<string, HeldJob>();
  let polling: Promise<void> | undefined;

  async function pollOnce(): Promise<void> {
    const ids = [...jobs.keys()];
    if (ids.length === 0) return;
    const sentAt = performance.now();
    const stopped = await leaseStore.findStoppedJobs(ids);
    for (const id of ids) {
      const job = jobs.get(id);
      if (!job) continue;
      const hasJustStopped = stopped.has(id) && !job.isStopped;
      job.activeAt = Math.max(job.activeAt, sentAt);
      job.isStopped = stopped.has(id);
      if (hasJustStopped) onStopped(id);
    }
  }

  return {
    hold(jobId, at) {
      const job = jobs.get(jobId);
      if (!job) {
        jobs.set(jobId, { items: 1, activeAt: at, isStopped: false });
        return;
      }
      job.items += 1;
      job.activeAt = Math.max(job.activeAt, at);
    },
    release(jobId) {
      const job = jobs.get(jobId);
      if (!job) return;
      job.items -= 1;
      if (job.items === 0) jobs.delete(jobId);
    },
    stateOf(jobId) {
      const job = jobs.get(jobId);
      if (!job) return 'unknown';
      if (job.isStopped) return 'stopped';
      return performance.now() - job.activeAt < STATE_AGE_MS_MAX ? 'active' : 'unknown';
    },
    poll() {
      polling ??= pollOnce().finally(() => {
        polling = undefined;
      });
      return polling;
    },
  };
}
