import type {
  Job,
  JobActivity,
  JobFileFormat,
  JobItemList,
  JobItemsQuery,
  JobList,
  JobListQuery,
  JobOptions,
  JobResultsQuery,
  JobTimings,
} from '@prodigon/contracts';
import type { CallContext } from './call-context.ts';

/** Prompts of a new job. A file is streamed, never held in memory as a whole. */
export type JobSource =
  | { readonly type: 'prompts'; readonly prompts: readonly string[] }
  | { readonly type: 'file'; readonly format: JobFileFormat; readonly bytes: AsyncIterable<Uint8Array> };

export interface JobSubmission {
  readonly options: JobOptions;
  readonly source: JobSource;
  /** Requests with the same key and the same submission create one job. */
  readonly idempotencyKey?: string | undefined;
}

export interface SubmittedJob {
  readonly job: Job;
  /** True when an earlier request with this key created the job; `job` is the original response. */
  readonly isReplay: boolean;
}

/** The state of the results of a job. */
export interface JobResultsInfo {
  /** Identifies the bytes of the results; null while the job runs, because they change. */
  readonly version: number | null;
  /** Null if they were not measured or still change. */
  readonly bytes: number | null;
}

export interface JobResultsRequest extends JobResultsQuery {
  /** Makes the call or the iterable throw `CONFLICT` when the results do not have, or no longer have, this version. */
  readonly version?: number | undefined;
  /** The first byte. */
  readonly first?: number | undefined;
}

/** Maximum index of an item. A position with this index is after all items of its change. */
export const ITEM_INDEX_MAX = 2_147_483_647;

/** Position in the events of a job: after the change of item `index` in the change `sequence`. */
export interface JobEventPosition {
  readonly sequence: number;
  readonly index: number;
}

/**
 * Client of the worker service, in the same process or over the network. All calls are limited to the jobs of
 * `context.principal`: other jobs are `JOB_NOT_FOUND`.
 */
export interface JobsClient {
  /** Throws `VALIDATION_ERROR` with each invalid line, or `CONFLICT` while another request uses the idempotency key. */
  create(submission: JobSubmission, context: CallContext): Promise<SubmittedJob>;
  list(query: JobListQuery, context: CallContext): Promise<JobList>;
  get(jobId: string, context: CallContext): Promise<Job>;
  items(jobId: string, query: JobItemsQuery, context: CallContext): Promise<JobItemList>;
  timings(jobId: string, context: CallContext): Promise<JobTimings>;
  /** Measuring reads all results, so callers ask for it only when they need it. */
  resultsInfo(jobId: string, query: JobResultsQuery & { isMeasured: boolean }, context: CallContext): Promise<JobResultsInfo>;
  /** Returns JSON lines by index. */
  results(jobId: string, request: JobResultsRequest, context: CallContext): Promise<AsyncIterable<Uint8Array>>;
  /** Returns server-sent events in chunks of whole frames, from now on when `after` is undefined. */
  events(jobId: string, after: JobEventPosition | undefined, context: CallContext): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Returns server-sent events `jobs` in chunks of whole frames: one immediately, then one when jobs of the owner were
   * created, changed or deleted, at most one a second.
   */
  listEvents(context: CallContext): Promise<AsyncIterable<Uint8Array>>;
  /** Does nothing to a job that has ended. */
  cancel(jobId: string, context: CallContext): Promise<Job>;
  /** Restarts all items that did not succeed. Throws `CONFLICT` while the job runs, or when all items succeeded. */
  retry(jobId: string, context: CallContext): Promise<Job>;
  /** Throws `CONFLICT` while the job runs. */
  remove(jobId: string, context: CallContext): Promise<void>;
  /** Returns metrics over the jobs of all owners. */
  activity(context: CallContext): Promise<JobActivity>;
}
