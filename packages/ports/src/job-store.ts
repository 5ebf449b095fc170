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
  RunningItem,
} from '@prodigon/contracts';
import type { JobEventPosition, SubmittedJob } from './jobs-client.ts';

export interface NewJob {
  readonly jobId: string;
  readonly ownerId: string;
  readonly options: JobOptions & { readonly name: string };
  readonly total: number;
  readonly idempotency?:
    | { readonly key: string /** Equal for equal submissions only. */; readonly fingerprint: string }
    | undefined;
}

/** The changes of a job after a position, oldest first, at most a few hundred. */
export interface JobChanges {
  readonly changes: readonly { readonly position: JobEventPosition; readonly item: JobItem }[];
  readonly hasMore: boolean;
}

/** The jobs as their owners see them. Another owner's job is `JOB_NOT_FOUND` in every method. */
export interface JobStore {
  /** All of it or nothing. Throws `CONFLICT` while the key is in use, `VALIDATION_ERROR` when it made another job. */
  create(job: NewJob, inputs: AsyncIterable<readonly JobInput[]> | Iterable<readonly JobInput[]>): Promise<SubmittedJob>;
  list(ownerId: string, query: JobListQuery): Promise<JobList>;
  get(ownerId: string, jobId: string): Promise<Job>;
  items(ownerId: string, jobId: string, query: JobItemsQuery): Promise<JobItemList>;
  /** Settled items by index, in batches read as they are asked for. */
  results(ownerId: string, jobId: string, query: JobResultsQuery): AsyncIterable<readonly JobResultLine[]>;
  /** The job without results, and what is in flight. */
  snapshot(ownerId: string, jobId: string): Promise<{ readonly job: Job; readonly running: readonly RunningItem[] }>;
  changes(ownerId: string, jobId: string, after: JobEventPosition): Promise<JobChanges>;
  cancel(ownerId: string, jobId: string): Promise<Job>;
  retry(ownerId: string, jobId: string): Promise<Job>;
  remove(ownerId: string, jobId: string): Promise<void>;
}
