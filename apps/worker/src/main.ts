import { createHttpServer, createInternalContextFactory, healthRoutes, prepareProcess, runProcess } from '@prodigon/platform';
import { createModelClient } from '@prodigon/service-clients';
import { openJobStorage } from '@prodigon/storage';
import { createWorkerService } from '@prodigon/worker-service';

const service = 'worker';
/** Long enough for the largest file to arrive or leave; callers bring a deadline of their own. */
const CALL_WITHIN_MS = 3_600_000;

await runProcess(async () => {
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepareProcess({ service, env: process.env });
  const { INTERNAL_HOST, WORKER_PORT, TOTAL_TIMEOUT_MS, JOB_CONCURRENCY, JOB_LEASE_MS, JOB_RETENTION_DAYS } = configuration;

  const storage = await openJobStorage(configuration);
  const model = createModelClient(configuration, internalToken);
  const worker = createWorkerService({
    ...storage,
    model,
    lifecycle,
    metrics,
    logger,
    name: `worker-${process.pid}`,
    limits: {
      concurrency: JOB_CONCURRENCY,
      leaseMs: JOB_LEASE_MS,
      retentionDays: JOB_RETENTION_DAYS,
      timeoutMs: TOTAL_TIMEOUT_MS,
    },
  });
  const checks = [{ name: 'database', required: true, check: storage.check }];
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    authentication: { apiKeys: [], internalToken, openMetrics: false },
    http2: true,
    plugins: [
      worker.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: CALL_WITHIN_MS }) }),
      healthRoutes({ service, ...identity, lifecycle, metrics, checks }),
    ],
  });
  worker.start();
  return {
    service,
    server,
    host: INTERNAL_HOST,
    port: WORKER_PORT,
    portVariable: 'WORKER_PORT',
    lifecycle,
    logger,
    closers: [() => worker.close(), () => model.close(), () => storage.close()],
  };
});
