import { createContentStore, createLocalServiceProbe, createModelProviders } from '@prodigon/adapters';
import { createGatewayService } from '@prodigon/gateway-service';
import { createModelService } from '@prodigon/model-service';
import {
  createHealth,
  createHttpServer,
  operationsRoutes,
  PAGE_DIRECTORY,
  prepareProcess,
  publicServerOptions,
  runProcess,
} from '@prodigon/platform';

// Outside it is a gateway: who calls it cannot tell, and need not.
const service = 'gateway';

await runProcess(async () => {
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepareProcess({
    service: 'monolith',
    env: process.env,
  });
  const { HOST, GATEWAY_PORT, STREAMS_MAX, TOTAL_TIMEOUT_MS } = configuration;
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
    probes: ['gateway', 'model'].map((name) =>
      createLocalServiceProbe({ name, health: createHealth({ service: name, ...identity, lifecycle }) }),
    ),
    lifecycle,
    metrics,
    pageDirectory: PAGE_DIRECTORY,
    ...identity,
    topology: 'monolith',
    limits: { streamsMax: STREAMS_MAX, totalTimeoutMs: TOTAL_TIMEOUT_MS },
  });
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    ...publicServerOptions(configuration, internalToken),
    plugins: [...gateway.plugins, operationsRoutes({ service, ...identity, lifecycle, metrics })],
  });
  return { service, server, host: HOST, port: GATEWAY_PORT, portVariable: 'GATEWAY_PORT', lifecycle, logger };
});
