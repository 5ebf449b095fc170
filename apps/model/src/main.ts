import { createContentStore, createModelProviders } from '@prodigon/adapters';
import { createModelService } from '@prodigon/model-service';
import { createHttpServer, internalCallContexts, operationsRoutes, prepareProcess, runProcess } from '@prodigon/platform';

const service = 'model';

await runProcess(async () => {
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepareProcess({ service, env: process.env });
  const { INTERNAL_HOST, MODEL_PORT, TOTAL_TIMEOUT_MS } = configuration;

  const model = createModelService({
    providers: createModelProviders(configuration, createContentStore(configuration)),
    defaultModel: configuration.DEFAULT_MODEL,
    timeouts: { firstTokenMs: configuration.FIRST_TOKEN_TIMEOUT_MS, idleMs: configuration.IDLE_TIMEOUT_MS },
    metrics,
    logger,
  });
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    access: { apiKeys: [], internalToken, openMetrics: false },
    http2: true,
    plugins: [
      model.routes({ createContext: internalCallContexts({ lifecycle, timeoutMs: TOTAL_TIMEOUT_MS }) }),
      operationsRoutes({ service, ...identity, lifecycle, metrics }),
    ],
  });
  return { service, server, host: INTERNAL_HOST, port: MODEL_PORT, portVariable: 'MODEL_PORT', lifecycle, logger };
});
