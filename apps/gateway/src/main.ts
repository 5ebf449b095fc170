import { createContentStore } from '@prodigon/content';
import { createGatewayService } from '@prodigon/gateway-service';
import {
  createHealth,
  createHttpServer,
  healthRoutes,
  prepareProcess,
  publicServerOptions,
  runProcess,
  WEB_UI_DIRECTORY,
} from '@prodigon/platform';
import {
  createHttpServiceProbes,
  createJobsClient,
  createLocalServiceProbe,
  createModelClient,
  modelServiceUrls,
  workerServiceUrls,
} from '@prodigon/service-clients';

const service = 'gateway';

await runProcess(async () => {
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepareProcess({ service, env: process.env });
  const { HOST, GATEWAY_PORT, STREAMS_MAX, TOTAL_TIMEOUT_MS } = configuration;

  const model = createModelClient(configuration, internalToken);
  const jobs = createJobsClient(configuration, internalToken);
  const gateway = createGatewayService({
    model,
    jobs,
    content: createContentStore(configuration),
    probes: [
      createLocalServiceProbe({ name: service, health: createHealth({ service, ...identity, lifecycle }) }),
      ...createHttpServiceProbes({ name: 'model', urls: modelServiceUrls(configuration) }),
      ...createHttpServiceProbes({ name: 'worker', urls: workerServiceUrls(configuration) }),
    ],
    lifecycle,
    metrics,
    webUiDirectory: WEB_UI_DIRECTORY,
    ...identity,
    topology: 'services',
    limits: { streamsMax: STREAMS_MAX, totalTimeoutMs: TOTAL_TIMEOUT_MS },
  });
  const checks = [{ name: 'model service', required: true, check: gateway.isModelServiceUp }];
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    ...publicServerOptions(configuration, internalToken),
    toErrorResponse: gateway.toErrorResponse,
    plugins: [...gateway.plugins, healthRoutes({ service, ...identity, lifecycle, metrics, checks })],
  });
  return {
    service,
    server,
    host: HOST,
    port: GATEWAY_PORT,
    portVariable: 'GATEWAY_PORT',
    lifecycle,
    logger,
    closers: [() => model.close(), () => jobs.close()],
  };
});
