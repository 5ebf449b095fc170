import type { LeaseStore } from '@prodigon/ports';

export interface JobControlOptions {
  leaseStore: LeaseStore;
  /** A job that this worker holds items of must not go on. */
  onStopped: (jobId: string) => void;
}

interface KnownJob {
  items: number;
  /** When it was last known to go on, by this process's clock. */
  freshAt: number;
  isStopped: boolean;
}

/** Knowledge older than this is not enough to begin an item. */
const FRESH_MS = 500;

/**
 * What this worker knows of the jobs whose items it holds. An item begins only while it is known, and
 * recently, that its job goes on: so nothing begins long after a job was cancelled, whatever this worker
 * or the way to the database was doing meanwhile.
 */
export class JobControl {
  readonly #options: JobControlOptions;
  readonly #jobs = new Map<string, KnownJob>();
  #polling: Promise<void> | undefined;

  constructor(options: JobControlOptions) {
    this.#options = options;
  }

  /** An item of the job was leased by a claim that was sent at `at`. */
  hold(jobId: string, at: number): void {
    const job = this.#jobs.get(jobId);
    if (!job) this.#jobs.set(jobId, { items: 1, freshAt: at, isStopped: false });
    else {
      job.items += 1;
      job.freshAt = Math.max(job.freshAt, at);
    }
  }

  release(jobId: string): void {
    const job = this.#jobs.get(jobId);
    if (!job) return;
    job.items -= 1;
    if (job.items === 0) this.#jobs.delete(jobId);
  }

  /** `unknown` until the next poll has told. */
  stateOf(jobId: string): 'goes on' | 'stopped' | 'unknown' {
    const job = this.#jobs.get(jobId);
    if (!job) return 'unknown';
    if (job.isStopped) return 'stopped';
    return performance.now() - job.freshAt < FRESH_MS ? 'goes on' : 'unknown';
  }

  /** Asks about all held jobs at once; who asks meanwhile shares the answer. */
  poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #poll(): Promise<void> {
    const ids = [...this.#jobs.keys()];
    if (ids.length === 0) return;
    const askedAt = performance.now();
    const stopped = await this.#options.leaseStore.findStoppedJobs(ids);
    for (const id of ids) {
      const job = this.#jobs.get(id);
      if (!job) continue;
      const isNews = stopped.has(id) && !job.isStopped;
      job.freshAt = Math.max(job.freshAt, askedAt);
      job.isStopped = stopped.has(id);
      if (isNews) this.#options.onStopped(id);
    }
  }
}
