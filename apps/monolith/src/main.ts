import { createContentStore } from '@prodigon/content';
import { createGatewayService } from '@prodigon/gateway-service';
import { createModelProviders } from '@prodigon/model-providers';
import { createModelService, toRetryPolicy } from '@prodigon/model-service';
import {
  createHealth,
  createHttpServer,
  healthRoutes,
  prepareProcess,
  publicServerOptions,
  runProcess,
  WEB_UI_DIRECTORY,
} from '@prodigon/platform';
import { createLocalServiceProbe } from '@prodigon/service-clients';
import { openJobStorage, openUsageStorage } from '@prodigon/storage';
import { createWorkerService } from '@prodigon/worker-service';

// Outside it is a gateway: who calls it cannot tell, and need not.
const service = 'gateway';

await runProcess(async () => {
  const { configuration, models, internalToken, logger, metrics, lifecycle, identity } = prepareProcess({
    service: 'monolith',
    env: process.env,
  });
  const {
    HOST,
    GATEWAY_PORT,
    STREAMS_MAX,
    TOTAL_TIMEOUT_MS,
    JOB_CONCURRENCY,
    JOB_LEASE_MS,
    JOB_RETENTION_DAYS,
    USAGE_RETENTION_DAYS,
  } = configuration;
  const content = createContentStore(configuration);
  const usage = openUsageStorage(configuration);

  const model = createModelService({
    providers: createModelProviders(configuration, models, content),
    defaultModel: configuration.DEFAULT_MODEL,
    fallbackModel: configuration.FALLBACK_MODEL,
    policy: toRetryPolicy(models.policy),
    timeouts: { firstTokenMs: configuration.FIRST_TOKEN_TIMEOUT_MS, idleMs: configuration.IDLE_TIMEOUT_MS },
    usage: { store: usage.store, retentionDays: USAGE_RETENTION_DAYS },
    metrics,
    logger,
  });
  const storage = await openJobStorage(configuration);
  const worker = createWorkerService({
    ...storage,
    model: model.client,
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
  const gateway = createGatewayService({
    model: model.client,
    jobs: worker.client,
    content,
    probes: ['gateway', 'model', 'worker'].map((name) =>
      createLocalServiceProbe({ name, health: createHealth({ service: name, ...identity, lifecycle }) }),
    ),
    lifecycle,
    metrics,
    webUiDirectory: WEB_UI_DIRECTORY,
    ...identity,
    topology: 'monolith',
    limits: { streamsMax: STREAMS_MAX, totalTimeoutMs: TOTAL_TIMEOUT_MS },
  });
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    ...publicServerOptions(configuration, internalToken),
    toErrorResponse: gateway.toErrorResponse,
    plugins: [...gateway.plugins, healthRoutes({ service, ...identity, lifecycle, metrics })],
  });
  worker.start();
  return {
    service,
    server,
    host: HOST,
    port: GATEWAY_PORT,
    portVariable: 'GATEWAY_PORT',
    lifecycle,
    logger,
    closers: [() => worker.close(), () => model.close(), () => storage.close(), () => usage.close()],
  };
});
