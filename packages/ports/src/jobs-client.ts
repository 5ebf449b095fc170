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
} from '@prodigon/contracts';
import type { CallContext } from './call-context.ts';

/** Where the prompts of a new job come from. A file is read as it arrives, never held as a whole. */
export type JobSource =
  | { readonly type: 'prompts'; readonly prompts: readonly string[] }
  | { readonly type: 'file'; readonly format: JobFileFormat; readonly bytes: AsyncIterable<Uint8Array> };

export interface JobSubmission {
  readonly options: JobOptions;
  readonly source: JobSource;
  /** The same key with the same submission makes one job, however often it is sent. */
  readonly idempotencyKey?: string | undefined;
}

export interface SubmittedJob {
  readonly job: Job;
  /** True when an earlier submission with this key has made it; `job` is what was answered then. */
  readonly isReplay: boolean;
}

/** The largest number that an item's index can be: a position with it is behind all items of its change. */
export const ITEM_INDEX_MAX = 2_147_483_647;

/** Where the events of a job go on: after all changes up to `sequence`, of that one up to the item `index`. */
export interface JobEventPosition {
  readonly sequence: number;
  readonly index: number;
}

/**
 * What other services may ask of the worker service, wherever it runs. All calls see the jobs of
 * `context.principal` only: those of others are `JOB_NOT_FOUND`, like those that never were.
 */
export interface JobsClient {
  /** Throws `VALIDATION_ERROR` with each bad line, or `CONFLICT` while the same key is being worked on. */
  create(submission: JobSubmission, context: CallContext): Promise<SubmittedJob>;
  list(query: JobListQuery, context: CallContext): Promise<JobList>;
  get(jobId: string, context: CallContext): Promise<Job>;
  items(jobId: string, query: JobItemsQuery, context: CallContext): Promise<JobItemList>;
  /** JSON lines by index, in pieces of whole lines. */
  results(jobId: string, query: JobResultsQuery, context: CallContext): Promise<AsyncIterable<Uint8Array>>;
  /** Server-sent events in pieces of whole frames; from now on when `after` is undefined. */
  events(jobId: string, after: JobEventPosition | undefined, context: CallContext): Promise<AsyncIterable<Uint8Array>>;
  /** Does nothing to a job that is over. */
  cancel(jobId: string, context: CallContext): Promise<Job>;
  /** Everything without an answer begins anew. Throws `CONFLICT` while the job goes on, or when all prompts have answers. */
  retry(jobId: string, context: CallContext): Promise<Job>;
  /** Throws `CONFLICT` while the job goes on. */
  remove(jobId: string, context: CallContext): Promise<void>;
  /** What is measured of all owners' jobs together. */
  activity(context: CallContext): Promise<JobActivity>;
}
