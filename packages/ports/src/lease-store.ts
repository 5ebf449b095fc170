import type { ItemError, JobOptions, Usage } from '@prodigon/contracts';

/** An item, as queues name it. */
export interface ItemId {
  readonly jobId: string;
  readonly index: number;
}

/** An item as a worker holds it. Every write about it is fenced by the worker's session and this number of the lease. */
export interface Lease extends ItemId {
  readonly lease: number;
}

export interface LeasedItem extends Lease {
  readonly ownerId: string;
  /** How often its work was begun, this time included. */
  readonly attempt: number;
  /** How many attempts have ended with an error since it was submitted or retried. */
  readonly failures: number;
  readonly prompt: string;
  readonly options: Pick<JobOptions, 'model' | 'max_tokens' | 'temperature' | 'system_prompt'>;
  /** From its submission to its first attempt, in milliseconds. */
  readonly waitMs: number;
}

/** What became of an attempt. */
export type ItemOutcome =
  | {
      readonly type: 'succeeded';
      readonly text: string;
      readonly finish: string;
      readonly model: string;
      readonly usage: Usage;
      readonly estimated: boolean;
      /** Null when the price is not known. */
      readonly costUsd: number | null;
      readonly requestId: string;
      readonly latencyMs: number;
    }
  | { readonly type: 'failed'; readonly error: ItemError; readonly latencyMs: number }
  | { readonly type: 'retry'; readonly error: ItemError; readonly delayMs: number; readonly latencyMs: number }
  /** Given back unfinished, as if it had not been begun. */
  | { readonly type: 'released' }
  /** The same, and not to be begun again before `delayMs` have passed: nobody has been asked for it yet. */
  | { readonly type: 'postponed'; readonly delayMs: number };

export interface ItemResult {
  readonly item: Lease;
  readonly outcome: ItemOutcome;
}

export interface WorkerSession {
  readonly id: string;
  /** As it is shown, e.g. `worker-4711`. */
  readonly name: string;
  readonly leaseMs: number;
}

/** What a sweep has put in order. */
export interface SweepReport {
  /** Items of workers whose lease has expired. */
  readonly requeued: number;
  readonly expiredJobs: number;
  readonly purgedJobs: number;
}

export interface QueueDepth {
  /** Items that wait, whether for a worker or for their next attempt. */
  readonly waiting: number;
  readonly running: number;
  /** Since the oldest unfinished job was submitted, in milliseconds; 0 without one. */
  readonly oldestMs: number;
  /** The sessions that are open. */
  readonly workers: readonly { readonly name: string; readonly running: number; readonly lastSeenMs: number }[];
}

/**
 * Who works on what. Time is the database's everywhere, so the clocks of workers do not matter. A worker
 * holds items through its session: once that has expired, others may take them and its writes are refused.
 */
export interface LeaseStore {
  /** May be called again when nobody knows whether it was heard. */
  openSession(session: WorkerSession): Promise<void>;
  /** False when the session has been given up meanwhile. */
  renewSession(session: WorkerSession): Promise<boolean>;
  /** Gives back at once whatever it still holds. */
  closeSession(session: WorkerSession): Promise<void>;
  /** What it holds by the database's account: more than it knows of, when the answer to a claim was lost. */
  findHeldLeases(session: WorkerSession): Promise<readonly Lease[]>;
  /**
   * Records outcomes, each with its counts, usage and cost in the same transaction. Returns those that
   * were refused, because the session does not hold the item by this lease any more.
   */
  recordResults(session: WorkerSession, settlements: readonly ItemResult[]): Promise<{ readonly refused: readonly Lease[] }>;
  /** Which of these jobs must not be begun any more. */
  findStoppedJobs(jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Makes items whose next attempt is due waiting ones. Returns how many. */
  promoteDelayed(): Promise<number>;
  sweep(options: { readonly retentionDays: number }): Promise<SweepReport>;
  measureDepth(): Promise<QueueDepth>;
}
