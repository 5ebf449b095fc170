import { createContentStore } from '@prodigon/content';
import { createModelProviders } from '@prodigon/model-providers';
import { createModelService, toRetryPolicy } from '@prodigon/model-service';
import { createHttpServer, createInternalContextFactory, healthRoutes, prepareProcess, runProcess } from '@prodigon/platform';
import { openUsageStorage } from '@prodigon/storage';

const service = 'model';

await runProcess(async () => {
  const { configuration, models, internalToken, logger, metrics, lifecycle, identity } = prepareProcess({
    service,
    env: process.env,
  });
  const { INTERNAL_HOST, MODEL_PORT, TOTAL_TIMEOUT_MS, USAGE_RETENTION_DAYS } = configuration;

  const usage = openUsageStorage(configuration);
  const model = createModelService({
    providers: createModelProviders(configuration, models, createContentStore(configuration)),
    defaultModel: configuration.DEFAULT_MODEL,
    fallbackModel: configuration.FALLBACK_MODEL,
    policy: toRetryPolicy(models.policy),
    timeouts: { firstTokenMs: configuration.FIRST_TOKEN_TIMEOUT_MS, idleMs: configuration.IDLE_TIMEOUT_MS },
    usage: { store: usage.store, retentionDays: USAGE_RETENTION_DAYS },
    metrics,
    logger,
  });
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    authentication: { apiKeys: [], internalToken, openMetrics: false },
    http2: true,
    plugins: [
      model.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: TOTAL_TIMEOUT_MS }) }),
      healthRoutes({ service, ...identity, lifecycle, metrics }),
    ],
  });
  return {
    service,
    server,
    host: INTERNAL_HOST,
    port: MODEL_PORT,
    portVariable: 'MODEL_PORT',
    lifecycle,
    logger,
    closers: [() => model.close(), () => usage.close()],
  };
});
