import { createContentStore } from '@prodigon/content';
import { createGatewayService } from '@prodigon/gateway-service';
import {
  createHealth,
  createHttpServer,
  healthRoutes,
  type PreparedProcess,
  type ProcessParts,
  prepareProcess,
  publicServerOptions,
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
type GatewayDependencies = Parameters<typeof createGatewayService>[0];

/** Builds the gateway with clients for the model service and the worker service, which may run in any process. */
export async function composeGateway(
  prepared: PreparedProcess,
  {
    needsModelService,
    ...dependencies
  }: Pick<GatewayDependencies, 'model' | 'jobs' | 'content' | 'probes' | 'topology'> & {
    /** Whether the gateway is ready only while the model service is up. */
    needsModelService: boolean;
  },
): Promise<Omit<ProcessParts, 'closers'>> {
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepared;
  const gateway = createGatewayService({
    ...dependencies,
    lifecycle,
    metrics,
    webUiDirectory: WEB_UI_DIRECTORY,
    ...identity,
    limits: { streamsMax: configuration.STREAMS_MAX, totalTimeoutMs: configuration.TOTAL_TIMEOUT_MS },
  });
  const checks = needsModelService ? [{ name: 'model service', required: true, check: gateway.isModelServiceUp }] : [];
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    ...publicServerOptions(configuration, internalToken),
    toErrorResponse: gateway.toErrorResponse,
    describeUnknownPath: gateway.describeUnknownPath,
    rewriteUrl: gateway.rewriteUrl,
    plugins: [...gateway.plugins, healthRoutes({ service, ...identity, lifecycle, metrics, checks })],
  });
  return {
    service,
    server,
    host: configuration.HOST,
    port: configuration.GATEWAY_PORT,
    portVariable: 'GATEWAY_PORT',
    lifecycle,
    logger,
  };
}

/** Builds the gateway process, which reaches the other services over the network. */
export async function buildGatewayApp(env: NodeJS.ProcessEnv): Promise<ProcessParts> {
  const prepared = prepareProcess({ service, env });
  const { configuration, internalToken, lifecycle, identity } = prepared;
  const model = createModelClient(configuration, internalToken);
  const jobs = createJobsClient(configuration, internalToken);
  const gateway = await composeGateway(prepared, {
    model,
    jobs,
    content: createContentStore(configuration),
    probes: [
      createLocalServiceProbe({ name: service, health: createHealth({ service, ...identity, lifecycle }) }),
      ...createHttpServiceProbes({ name: 'model', urls: modelServiceUrls(configuration) }),
      ...createHttpServiceProbes({ name: 'worker', urls: workerServiceUrls(configuration) }),
    ],
    topology: 'services',
    needsModelService: true,
  });
  return { ...gateway, closers: [() => model.close(), () => jobs.close()] };
}
