import {
  createContentStore,
  createHttpServiceProbe,
  createLocalServiceProbe,
  createModelClient,
  dataDirectory,
  modelServiceUrl,
} from '@prodigon/adapters';
import { createGatewayService } from '@prodigon/gateway-service';
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
  const logger = createLogger({ service, level: LOG_LEVEL, secrets: [...secretsOf(configuration), internalToken] });
  const metrics = createMetrics();
  const lifecycle = new Lifecycle({ drainTimeoutMs: DRAIN_TIMEOUT_MS });
  const identity = { service, version: VERSION, environment, lifecycle };

  const model = createModelClient(configuration, internalToken);
  const gateway = createGatewayService({
    model,
    content: createContentStore(configuration),
    probes: [
      createLocalServiceProbe({ name: service, health: createHealth(identity) }),
      createHttpServiceProbe({ name: 'model', url: modelServiceUrl(configuration) }),
    ],
    lifecycle,
    metrics,
    pageDirectory: PAGE_DIRECTORY,
    version: VERSION,
    environment,
    topology: 'services',
    limits: { streamsMax: STREAMS_MAX, totalTimeoutMs: TOTAL_TIMEOUT_MS },
  });
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    ...publicServerOptions(configuration, internalToken),
    plugins: [
      ...gateway.plugins,
      operationsRoutes({
        ...identity,
        metrics,
        checks: [{ name: 'model service', required: true, check: gateway.isModelServiceUp }],
      }),
    ],
  });
  return {
    service,
    server,
    host: HOST,
    port: GATEWAY_PORT,
    portVariable: 'GATEWAY_PORT',
    lifecycle,
    logger,
    closers: [() => model.close()],
  };
});
