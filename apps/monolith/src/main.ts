import { createContentStore, createLocalServiceProbe, createModelProviders, dataDirectory } from '@prodigon/adapters';
import { createGatewayService } from '@prodigon/gateway-service';
import { createModelService } from '@prodigon/model-service';
import {
  createHealth,
  createHttpServer,
  createLogger,
  createMetrics,
  Lifecycle,
  loadConfiguration,
  operationsRoutes,
  PAGE_DIRECTORY,
  publicServerOptions,
  REPOSITORY_ROOT,
  resolveInternalToken,
  runProcess,
  secretsOf,
  VERSION,
} from '@prodigon/platform';

const service = 'gateway';

await runProcess(async () => {
  const configuration = loadConfiguration({ env: process.env, directory: REPOSITORY_ROOT });
  const {
    HOST,
    GATEWAY_PORT,
    LOG_LEVEL,
    ENVIRONMENT: environment,
    STREAMS_MAX,
    TOTAL_TIMEOUT_MS,
    DRAIN_TIMEOUT_MS,
  } = configuration;
  const internalToken = resolveInternalToken(configuration.INTERNAL_TOKEN, dataDirectory(configuration));
  const logger = createLogger({ service: 'monolith', level: LOG_LEVEL, secrets: [...secretsOf(configuration), internalToken] });
  const metrics = createMetrics();
  const lifecycle = new Lifecycle({ drainTimeoutMs: DRAIN_TIMEOUT_MS });
  const health = (name: string) => createHealth({ service: name, version: VERSION, environment, lifecycle });
  const content = createContentStore(configuration);

  const model = createModelService({
    providers: createModelProviders(configuration, content),
    defaultModel: configuration.DEFAULT_MODEL,
    timeouts: { firstTokenMs: configuration.FIRST_TOKEN_TIMEOUT_MS, idleMs: configuration.IDLE_TIMEOUT_MS },
    metrics,
    logger,
  });
  const gateway = createGatewayService({
    model: model.client,
    content,
    probes: [
      createLocalServiceProbe({ name: 'gateway', health: health('gateway') }),
      createLocalServiceProbe({ name: 'model', health: health('model') }),
    ],
    lifecycle,
    metrics,
    pageDirectory: PAGE_DIRECTORY,
    version: VERSION,
    environment,
    topology: 'monolith',
    limits: { streamsMax: STREAMS_MAX, totalTimeoutMs: TOTAL_TIMEOUT_MS },
  });
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    ...publicServerOptions(configuration, internalToken),
    plugins: [...gateway.plugins, operationsRoutes({ service, version: VERSION, environment, lifecycle, metrics })],
  });
  return { service, server, host: HOST, port: GATEWAY_PORT, portVariable: 'GATEWAY_PORT', lifecycle, logger };
});
