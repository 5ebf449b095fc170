import { createContentStore, createModelProviders, dataDirectory } from '@prodigon/adapters';
import { createModelService } from '@prodigon/model-service';
import {
  createHttpServer,
  createLogger,
  createMetrics,
  internalCallContexts,
  Lifecycle,
  loadConfiguration,
  operationsRoutes,
  REPOSITORY_ROOT,
  resolveInternalToken,
  runProcess,
  secretsOf,
  VERSION,
} from '@prodigon/platform';

const service = 'model';

await runProcess(async () => {
  const configuration = loadConfiguration({ env: process.env, directory: REPOSITORY_ROOT });
  const { INTERNAL_HOST, MODEL_PORT, LOG_LEVEL, ENVIRONMENT: environment, TOTAL_TIMEOUT_MS, DRAIN_TIMEOUT_MS } = configuration;
  const internalToken = resolveInternalToken(configuration.INTERNAL_TOKEN, dataDirectory(configuration));
  const logger = createLogger({ service, level: LOG_LEVEL, secrets: [...secretsOf(configuration), internalToken] });
  const metrics = createMetrics();
  const lifecycle = new Lifecycle({ drainTimeoutMs: DRAIN_TIMEOUT_MS });

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
      operationsRoutes({ service, version: VERSION, environment, lifecycle, metrics }),
    ],
  });
  return { service, server, host: INTERNAL_HOST, port: MODEL_PORT, portVariable: 'MODEL_PORT', lifecycle, logger };
});
