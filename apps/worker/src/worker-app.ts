import {
  createBodyBudget,
  createHttpServer,
  createInternalContextFactory,
  healthRoutes,
  type PreparedProcess,
  type ProcessParts,
  prepareProcess,
} from '@prodigon/platform';
import type { ModelClient } from '@prodigon/ports';
import { createModelClient } from '@prodigon/service-clients';
import { openJobStorage, openRedis, type RedisConnection } from '@prodigon/storage';
import { createWorkerService } from '@prodigon/worker-service';
import { workerName } from './worker-name.ts';

const service = 'worker';
/** Long enough to transfer the largest file. Callers set their own, shorter deadlines. */
const CALL_TIMEOUT_MS = 3_600_000;

/** Builds the worker service with its job storage, which `closers` close. */
export async function composeWorker(
  { configuration, lifecycle, metrics, logger }: PreparedProcess,
  { model, redis }: { readonly model: ModelClient; readonly redis: RedisConnection | undefined },
) {
  const storage = await openJobStorage(configuration, redis);
  const worker = createWorkerService({
    ...storage,
    model,
    lifecycle,
    metrics,
    logger,
    name: workerName(),
    limits: {
      concurrency: configuration.JOB_CONCURRENCY,
      leaseMs: configuration.JOB_LEASE_MS,
      retentionDays: configuration.JOB_RETENTION_DAYS,
      timeoutMs: configuration.TOTAL_TIMEOUT_MS,
    },
  });
  const checks = [{ name: 'database', required: true, check: storage.check }];
  return { worker, checks, isAvailable: storage.isAvailable, closers: [() => worker.close(), () => storage.close()] };
}

/** Builds the worker as a process, which reaches the model service over the network. */
export async function buildWorkerApp(env: NodeJS.ProcessEnv): Promise<ProcessParts> {
  const prepared = prepareProcess({ service, env });
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepared;
  const model = createModelClient(configuration, internalToken);
  const redis = configuration.QUEUE_TYPE === 'redis' ? await openRedis(prepared) : undefined;
  const { worker, checks, isAvailable, closers } = await composeWorker(prepared, { model, redis });
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    authentication: { internalToken, openMetrics: false },
    http2: true,
    bodyBudget: createBodyBudget(configuration.BODIES_MB_MAX * 1_048_576),
    plugins: [
      worker.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: CALL_TIMEOUT_MS }), isAvailable }),
      healthRoutes({ service, ...identity, lifecycle, metrics, checks }),
    ],
  });
  worker.start();
  return {
    service,
    server,
    host: configuration.INTERNAL_HOST,
    port: configuration.WORKER_PORT,
    portVariable: 'WORKER_PORT',
    lifecycle,
    logger,
    closers: [...closers, async () => redis?.close(), () => model.close()],
  };
}
