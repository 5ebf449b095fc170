import type { Lifecycle, Logger, Metrics } from '@prodigon/platform';
import type { JobChangeFeed, JobQueue, JobStore, JobsClient, LeaseStore, ModelClient } from '@prodigon/ports';
import type { FastifyPluginAsync } from 'fastify';
import { createJobEngine } from './engine/job-engine.ts';
import type { RetryPolicy } from './engine/retry-policy.ts';
import { createJobService } from './jobs/job-service.ts';
import { type JobsRoutesOptions, jobsRoutes } from './jobs/jobs.routes.ts';

export { createRetryPolicy, type RetryPolicy } from './engine/retry-policy.ts';

export interface WorkerServiceDependencies {
  jobStore: JobStore;
  leaseStore: LeaseStore;
  queue: JobQueue;
  changeFeed?: JobChangeFeed;
  model: ModelClient;
  lifecycle: Lifecycle;
  metrics: Metrics;
  logger: Logger;
  /** Displayed name of this worker, e.g. `worker-4711`. */
  name: string;
  limits: {
    /** Maximum items in flight. */
    concurrency: number;
    leaseMs: number;
    retentionDays: number;
    /** Timeout of one attempt. */
    timeoutMs: number;
    /** How long items in flight may continue after a cancellation. */
    cancelGraceMs?: number;
  };
  retry?: RetryPolicy;
}

export interface WorkerService {
  /** Client for callers in the same process. */
  readonly client: JobsClient;
  /** Routes for callers in other processes. */
  routes(options: Omit<JobsRoutesOptions, 'client'>): FastifyPluginAsync;
  /** Starts to process items. */
  start(): void;
  /** Requeues unfinished items, so that other workers continue with them immediately. */
  close(): Promise<void>;
}

/** Creates the service that accepts batch jobs, processes their items and reports their progress. */
export function createWorkerService({ jobStore, changeFeed, limits, ...rest }: WorkerServiceDependencies): WorkerService {
  const engine = createJobEngine({ ...rest, ...limits });
  const client = createJobService({ jobStore, changeFeed, wake: engine.wake, activity: engine.activity });
  return {
    client,
    routes: (options) => jobsRoutes({ client, ...options }) as FastifyPluginAsync,
    start: engine.start,
    close: engine.close,
  };
}
