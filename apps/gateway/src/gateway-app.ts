import { createContentStore } from '@prodigon/content';
import type { ApiKeyLimits } from '@prodigon/contracts';
import { createGatewayService } from '@prodigon/gateway-service';
import {
  type Configuration,
  closeConnectionsOnDrain,
  createHttpServer,
  createReadiness,
  healthRoutes,
  type PreparedProcess,
  type ProcessParts,
  prepareProcess,
  publicServerOptions,
  type ReadinessCheck,
  requiresApiKey,
  WEB_UI_DIRECTORY,
} from '@prodigon/platform';
import {
  createHttpServiceProbe,
  createJobsClient,
  createLabClient,
  createLocalServiceProbe,
  createModelClient,
  labServiceUrls,
  modelServiceUrls,
  workerServiceUrls,
} from '@prodigon/service-clients';
import { type KeyStorage, openChatStorage, openKeyStorage, openRedis, type RedisConnection } from '@prodigon/storage';
import { composeChat } from './compose-chat.ts';
import { openGatewayMemory } from './gateway-memory.ts';
import { providersLockOf } from './providers-lock.ts';

const service = 'gateway';
type GatewayDependencies = Parameters<typeof createGatewayService>[0];

/** Builds the gateway with clients for the model service and the worker service, which may run in any process. */
export async function composeGateway(
  prepared: PreparedProcess,
  {
    checks: localChecks = [],
    keys,
    redis,
    ...dependencies
  }: Pick<GatewayDependencies, 'model' | 'providerSettings' | 'jobs' | 'labs' | 'content' | 'probes' | 'topology'> & {
    keys: KeyStorage;
    /** Undefined without REDIS_URL. */
    redis: RedisConnection | undefined;
    /** Readiness checks of the services in this process. */
    checks?: readonly ReadinessCheck[];
  },
  env: NodeJS.ProcessEnv,
): Promise<Required<Pick<ProcessParts, 'closers'>> & ProcessParts> {
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepared;
  const { limits, cache } = await openGatewayMemory(prepared, redis);
  const storage = openChatStorage(configuration);
  const gateway = createGatewayService({
    ...dependencies,
    conversationChanges: storage.changeFeed,
    keys: { ...keys, isKeyRequired: requiresApiKey(configuration) },
    idempotency: keys.idempotency,
    logger,
    lifecycle,
    metrics,
    webUiDirectory: WEB_UI_DIRECTORY,
    providersLocked: providersLockOf(configuration),
    ...identity,
    limits: {
      streamsMax: configuration.STREAMS_MAX,
      totalTimeoutMs: configuration.TOTAL_TIMEOUT_MS,
      ofOwners: platformLimitsOf(configuration),
    },
    limiters: limits,
    cache,
  });
  const chat = await composeChat(prepared, { gateway, storage }, env);
  const remoteChecks = [
    { name: 'model service', required: true, check: () => gateway.checkService('model') },
    { name: 'worker service', required: false, check: () => gateway.checkService('worker') },
  ];
  const checks = dependencies.topology === 'services' ? remoteChecks : localChecks;
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    ...publicServerOptions(configuration, { internalToken, keys: keys.directory, wrongKeys: limits.wrongKeys }),
    toErrorResponse: gateway.toErrorResponse,
    describeUnknownPath: gateway.describeUnknownPath,
    rewriteUrl: gateway.rewriteUrl,
    plugins: [...gateway.plugins, ...chat.plugins, healthRoutes({ service, ...identity, lifecycle, metrics, checks })],
  });
  closeConnectionsOnDrain(server.server, { lifecycle });
  return {
    service,
    server,
    host: configuration.HOST,
    port: configuration.GATEWAY_PORT,
    portVariable: 'GATEWAY_PORT',
    internal: chat.internal,
    lifecycle,
    logger,
    closers: [...chat.closers, limits.close],
  };
}

function platformLimitsOf({ LIMIT_REQUESTS_PER_MIN, LIMIT_TOKENS_PER_MIN, LIMIT_STREAMS }: Configuration): ApiKeyLimits {
  return {
    requests_per_min: LIMIT_REQUESTS_PER_MIN ?? null,
    tokens_per_min: LIMIT_TOKENS_PER_MIN ?? null,
    streams: LIMIT_STREAMS ?? null,
  };
}

/** Builds the gateway process, which reaches the other services over the network. */
export async function buildGatewayApp(env: NodeJS.ProcessEnv): Promise<ProcessParts> {
  const prepared = prepareProcess({ service, env });
  const { configuration, internalToken, lifecycle, identity } = prepared;
  const model = createModelClient(configuration, internalToken);
  const jobs = createJobsClient(configuration, internalToken);
  const labs = createLabClient(configuration, internalToken);
  const keys = openKeyStorage(configuration);
  const redis = await openRedis(prepared);
  const gateway = await composeGateway(
    prepared,
    {
      keys,
      redis,
      model,
      providerSettings: model.providerSettings,
      jobs,
      labs,
      content: createContentStore(configuration),
      probes: [
        configuration.GATEWAY_SERVICE_URL
          ? createHttpServiceProbe({ name: service, urls: configuration.GATEWAY_SERVICE_URL, path: '/health' })
          : createLocalServiceProbe({ name: service, readiness: createReadiness({ service, ...identity, lifecycle }) }),
        createHttpServiceProbe({ name: 'model', urls: modelServiceUrls(configuration) }),
        createHttpServiceProbe({ name: 'worker', urls: workerServiceUrls(configuration) }),
        createHttpServiceProbe({ name: 'lab', urls: labServiceUrls(configuration) }),
      ],
      topology: 'services',
    },
    env,
  );
  const closers = [() => model.close(), () => jobs.close(), () => labs.close(), () => keys.close(), async () => redis?.close()];
  return { ...gateway, closers: [...gateway.closers, ...closers] };
}
