import { randomUUIDv7 } from 'node:crypto';
import { createLifecycle, createLogger, createMetrics } from '@prodigon/platform';
import type { LeaseStore, ModelClient } from '@prodigon/ports';
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

/** Runs the worker service as `apps/worker` builds it, with a model that responds without a network. */
export async function createProdigonVariant({ url, concurrency }: QueueVariantOptions): Promise<QueueVariant> {
  await migrateDatabase(url);
  const { db, close } = createDatabase({ url });
  const jobStore = createPostgresJobStore(db);
  const leaseStore = createPostgresLeaseStore(db);
  const metrics = createMetrics();
  const logger = createLogger({ service: 'bench', level: 'error', secrets: [] });
  let jobId = '';

  return {
    async fill(count) {
      jobId = randomUUIDv7();
      const options = { ...OPTIONS, name: 'bench' };
      await jobStore.create({ jobId, ownerId: OWNER, options, total: count }, inputs(count));
    },
    async run(count) {
      const { promise: recorded, resolve } = Promise.withResolvers<void>();
      const worker = createWorkerService({
        jobStore,
        leaseStore: notifyWhenRecorded(leaseStore, count, resolve),
        queue: createPostgresJobQueue(db),
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
    close,
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
