import type { ItemError, JobOptions, Usage } from '@prodigon/contracts';

export interface ItemId {
  readonly jobId: string;
  readonly index: number;
}

/** Lease of an item. The worker's session and this lease number fence every write about the item. */
export interface Lease extends ItemId {
  readonly lease: number;
}

export interface LeasedItem extends Lease {
  readonly ownerId: string;
  /** Id of the API key that submitted the job. */
  readonly keyId?: string | undefined;
  /** Number of attempts started, including this one. */
  readonly attempt: number;
  /** Number of failed attempts since the item was submitted or its job was retried. */
  readonly failures: number;
  readonly prompt: string;
  readonly options: Pick<JobOptions, 'model' | 'max_tokens' | 'temperature' | 'system_prompt'>;
  /** Milliseconds from submission to the first attempt. */
  readonly waitMs: number;
}

/** Outcome of an attempt. */
export type ItemOutcome =
  | {
      readonly type: 'succeeded';
      readonly text: string;
      readonly finish: string;
      readonly model: string;
      readonly usage: Usage;
      readonly estimated: boolean;
      /** Null when the price is unknown. */
      readonly costUsd: number | null;
      readonly requestId: string;
      readonly latencyMs: number;
    }
  | { readonly type: 'failed'; readonly error: ItemError; readonly latencyMs: number }
  | { readonly type: 'retry'; readonly error: ItemError; readonly delayMs: number; readonly latencyMs: number }
  /** Returned to the queue. The attempt does not count. */
  | { readonly type: 'requeued' }
  /** Returned to the queue for a next attempt after `delayMs`. The attempt does not count, because no provider was called. */
  | { readonly type: 'delayed'; readonly delayMs: number };

export interface ItemResult {
  readonly item: Lease;
  readonly outcome: ItemOutcome;
}

export interface WorkerSession {
  readonly id: string;
  /** Displayed name, e.g. `worker-4711`. */
  readonly name: string;
  readonly leaseMs: number;
}

export interface SweepReport {
  /** Number of items requeued because the lease of their worker had expired. */
  readonly requeued: number;
  readonly expiredJobs: number;
  readonly purgedJobs: number;
}

export interface QueueDepth {
  /** Number of items that wait for a worker or for their next attempt. */
  readonly waiting: number;
  readonly running: number;
  /** Age of the oldest unfinished job in milliseconds; 0 without one. */
  readonly oldestMs: number;
  /** Workers with an open session. */
  readonly workers: readonly { readonly name: string; readonly running: number; readonly lastSeenMs: number }[];
}

/**
 * Records which worker holds which items, and their results. All times are the database's, so the clocks of workers do
 * not matter. A worker holds items through its session: after the session expires, other workers may take the items
 * and the store rejects the worker's writes.
 */
export interface LeaseStore {
  /**
   * Idempotent: callers repeat it when a response was lost. Calls `onDisconnected` when the connection of the session
   * ends. The session then expires within seconds, unless the worker renews it.
   */
  openSession(session: WorkerSession, onDisconnected?: () => void): Promise<void>;
  /** Returns false when the session has ended. */
  renewSession(session: WorkerSession): Promise<boolean>;
  /** Ends the session and requeues all items that it still holds. */
  closeSession(session: WorkerSession): Promise<void>;
  /** Returns all leases of the session, including leases from a claim whose response was lost. */
  findHeldLeases(session: WorkerSession): Promise<readonly Lease[]>;
  /**
   * Records each result in one transaction with its counts, usage and cost. Returns the rejected leases: those that the
   * session no longer holds.
   */
  recordResults(session: WorkerSession, results: readonly ItemResult[]): Promise<{ readonly rejected: readonly Lease[] }>;
  /** Returns the jobs whose remaining items must not start. */
  findStoppedJobs(jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Makes items pending whose next attempt is due. Returns their number. */
  promoteDelayed(): Promise<number>;
  /** Requeues items whose session has expired. Returns their number. */
  requeueOrphaned(): Promise<number>;
  /** Requeues items with expired leases, expires jobs, and deletes jobs after their retention. */
  sweep(options: { readonly retentionDays: number }): Promise<SweepReport>;
  measureDepth(): Promise<QueueDepth>;
}
