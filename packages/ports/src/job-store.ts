import type {
  Job,
  JobInput,
  JobItem,
  JobItemList,
  JobItemsQuery,
  JobList,
  JobListQuery,
  JobOptions,
  JobResultLine,
  JobResultsQuery,
  JobTimings,
  RunningItem,
} from '@prodigon/contracts';
import type { JobEventPosition, SubmittedJob } from './jobs-client.ts';

export interface NewJob {
  readonly jobId: string;
  readonly ownerId: string;
  /** Id of the API key that submits the job. */
  readonly keyId?: string | undefined;
  readonly options: JobOptions & { readonly name: string };
  readonly total: number;
  readonly idempotency?:
    | {
        readonly key: string;
        /** Hash of the submission: equal only for equal submissions. */
        readonly fingerprint: string;
      }
    | undefined;
}

/** Page of the changes of a job after a position, oldest first. */
export interface JobChanges {
  readonly changes: readonly { readonly position: JobEventPosition; readonly item: JobItem }[];
  readonly hasMore: boolean;
}

export interface JobResultSize {
  /** The item with an empty prompt and response. */
  readonly line: JobResultLine;
  /** Bytes of these texts in JSON, without quotes. */
  readonly textBytes: number;
}

/** Stores jobs. Every method throws `JOB_NOT_FOUND` for a job of another owner. */
export interface JobStore {
  /**
   * Stores the whole job or nothing. Throws `CONFLICT` while another request uses the idempotency key, and
   * `VALIDATION_ERROR` when the key belongs to a different submission.
   */
  create(job: NewJob, inputs: AsyncIterable<readonly JobInput[]> | Iterable<readonly JobInput[]>): Promise<SubmittedJob>;
  list(ownerId: string, query: JobListQuery): Promise<JobList>;
  get(ownerId: string, jobId: string): Promise<Job>;
  items(ownerId: string, jobId: string, query: JobItemsQuery): Promise<JobItemList>;
  /** Yields the items that have ended, by index from `firstIndex` (0 by default), in batches read on demand. */
  results(ownerId: string, jobId: string, query: JobResultsQuery, firstIndex?: number): AsyncIterable<readonly JobResultLine[]>;
  /** Yields the same items with the lengths of their texts instead of the texts. */
  resultSizes(ownerId: string, jobId: string, query: JobResultsQuery): AsyncIterable<readonly JobResultSize[]>;
  /** Returns the job without results, and its items in flight. */
  snapshot(ownerId: string, jobId: string): Promise<{ readonly job: Job; readonly running: readonly RunningItem[] }>;
  timings(ownerId: string, jobId: string): Promise<JobTimings>;
  changes(ownerId: string, jobId: string, after: JobEventPosition): Promise<JobChanges>;
  cancel(ownerId: string, jobId: string): Promise<Job>;
  /** Restarts the items that did not succeed, on behalf of the API key that retries the job. */
  retry(ownerId: string, jobId: string, keyId?: string): Promise<Job>;
  remove(ownerId: string, jobId: string): Promise<void>;
}

/** A job that was created, changed or deleted. */
export interface JobChange {
  readonly ownerId: string;
  readonly jobId: string;
}

/** Announces changes of jobs, by any process. May announce a change twice, or of a job that has not changed. */
export interface JobChangeFeed {
  /** Whether every change is announced now. Otherwise callers must poll. */
  readonly isConnected: boolean;
  /** Calls back with a change, or with undefined when any job may have changed. Returns a function that unsubscribes. */
  subscribe(listener: (change: JobChange | undefined) => void): () => void;
}
