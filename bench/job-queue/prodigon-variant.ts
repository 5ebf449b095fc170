import { randomUUIDv7 } from 'node:crypto';
import { createLifecycle, createLogger, createMetrics } from '@prodigon/platform';
import type { JobQueue, LeaseStore, ModelClient } from '@prodigon/ports';
import {
  createDatabase,
  createPostgresJobQueue,
  createPostgresJobStore,
  createPostgresLeaseStore,
  migrateDatabase,
} from '@prodigon/storage';
import { createWorkerService } from '@prodigon/worker-service';
import { COMPLETION, payloadOf, type QueueVariant, type QueueVariantOptions } from './queue-variant.ts';

const OWNER = 'bench';
const OPTIONS = { max_tokens: 100, temperature: 0, priority: 0, expires_in_hours: 24 };
const LIMITS = { leaseMs: 30_000, retentionDays: 30, timeoutMs: 60_000 };

const never = () => Promise.reject(new Error('Not part of the measurement'));
const immediateModel: ModelClient = {
  complete: async () => ({
    ...COMPLETION,
    provider: 'none',
    estimated: false,
    body: '',
    attempts: [],
    warning: null,
    rateLimits: null,
  }),
  stream: never,
  embed: never,
  models: never,
  usage: never,
};

export interface ProdigonVariantOptions extends QueueVariantOptions {
  /** Creates the queue. Defaults to QUEUE_TYPE=postgres. */
  readonly createQueue?: (db: Parameters<typeof createPostgresJobQueue>[0]) => JobQueue;
  /** Runs after `count` items have been submitted. */
  readonly onFilled?: (count: number) => Promise<void>;
  /** Runs before the database is closed. */
  readonly onClose?: () => Promise<void>;
}

/** Runs the worker service as `apps/worker` builds it, with a model that responds without a network. */
export async function createProdigonVariant(options: ProdigonVariantOptions): Promise<QueueVariant> {
  const { url, concurrency, createQueue = createPostgresJobQueue, onFilled, onClose } = options;
  await migrateDatabase(url);
  const { db, close } = createDatabase({ url });
  const jobStore = createPostgresJobStore(db);
  const leaseStore = createPostgresLeaseStore(db);
  const metrics = createMetrics();
  const logger = createLogger({ service: 'bench', level: 'error', secrets: [] });
  const queue = createQueue(db);
  let jobId = '';

  return {
    async fill(count) {
      jobId = randomUUIDv7();
      const job = { jobId, ownerId: OWNER, options: { ...OPTIONS, name: 'bench' }, total: count };
      await jobStore.create(job, inputs(count));
      await onFilled?.(count);
    },
    async run(count) {
      const { promise: recorded, resolve } = Promise.withResolvers<void>();
      const worker = createWorkerService({
        jobStore,
        leaseStore: notifyWhenRecorded(leaseStore, count, resolve),
        queue,
        model: immediateModel,
        lifecycle: createLifecycle({ drainTimeoutMs: 1_000 }),
        metrics,
        logger,
        name: 'bench',
        limits: { ...LIMITS, concurrency },
      });
      worker.start();
      await recorded;
      return { stop: () => worker.close() };
    },
    async stored() {
      const { completed } = await db
        .selectFrom('worker.job_items as i')
        .innerJoin('worker.jobs as j', 'j.id', 'i.job_id')
        .select((eb) => eb.fn.countAll<number>().as('completed'))
        .where('j.id', '=', jobId)
        .where('j.status', '=', 'completed')
        .where('i.status', '=', 'succeeded')
        .where('i.output', '=', COMPLETION.text)
        .where('i.completion_tokens', '=', COMPLETION.usage.completion_tokens)
        .executeTakeFirstOrThrow();
      return completed;
    },
    async clear() {
      await jobStore.remove(OWNER, jobId);
    },
    async close() {
      await onClose?.();
      await close();
    },
  };
}

/** Wraps a lease store and calls `onAll` when `count` results are in the database. */
function notifyWhenRecorded(leaseStore: LeaseStore, count: number, onAll: () => void): LeaseStore {
  let recorded = 0;
  return {
    ...leaseStore,
    async recordResults(session, results) {
      const outcome = await leaseStore.recordResults(session, results);
      recorded += results.length - outcome.rejected.length;
      if (recorded === count) onAll();
      return outcome;
    },
  };
}

function* inputs(count: number) {
  for (let first = 0; first < count; first += 1_000) {
    yield Array.from({ length: Math.min(1_000, count - first) }, (_, offset) => ({ prompt: payloadOf(first + offset) }));
  }
}
