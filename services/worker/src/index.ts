import type { Lifecycle, Logger, Metrics } from '@prodigon/platform';
import type { CallContext, JobQueue, JobStore, JobsClient, LeaseStore, ModelClient } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { JobEngine } from './engine/job-engine.ts';
import type { RetryPolicy } from './engine/retry-policy.ts';
import { createJobService } from './jobs/job-service.ts';
import { jobsRoutes } from './jobs/jobs.routes.ts';

export { createRetryPolicy, type RetryPolicy } from './engine/retry-policy.ts';

export interface WorkerServiceDependencies {
  jobStore: JobStore;
  leaseStore: LeaseStore;
  queue: JobQueue;
  model: ModelClient;
  lifecycle: Lifecycle;
  metrics: Metrics;
  logger: Logger;
  /** As this worker is shown, e.g. `worker-4711`. */
  name: string;
  limits: {
    /** Items in flight at once. */
    concurrency: number;
    leaseMs: number;
    retentionDays: number;
    /** For one attempt, in milliseconds. */
    timeoutMs: number;
    cancelGraceMs?: number;
  };
  retry?: RetryPolicy;
}

export interface WorkerService {
  /** Call this from the same process. */
  readonly client: JobsClient;
  /** Mount this to be called from another. */
  routes(options: { createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext }): FastifyPluginAsync;
  /** Begins to work on items. */
  start(): void;
  /** Gives back what is not finished; others go on with it at once. */
  close(): Promise<void>;
}

/** Batch jobs: takes them in, works on them, tells how they stand. */
export function createWorkerService({ jobStore, limits, ...rest }: WorkerServiceDependencies): WorkerService {
  const engine = new JobEngine({ ...rest, ...limits });
  const client = createJobService({ store: jobStore, wake: () => engine.wake(), activity: () => engine.activity() });
  return {
    client,
    routes: ({ createContext }) => jobsRoutes({ client, createContext }) as FastifyPluginAsync,
    start: () => engine.start(),
    close: () => engine.close(),
  };
}
