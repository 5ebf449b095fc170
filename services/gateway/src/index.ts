import { type ApiKeyLimits, AppError, type CacheResult, type SystemOverview } from '@prodigon/contracts';
import {
  bearerOf,
  type CallScope,
  createCallContext,
  idempotency,
  type Lifecycle,
  type Logger,
  type Metrics,
  responseScope,
} from '@prodigon/platform';
import type {
  BudgetStore,
  ContentStore,
  ConversationChangeFeed,
  IdempotencyStore,
  JobsClient,
  KeyDirectory,
  KeyStore,
  LabClient,
  ModelClient,
  ProviderSettingsClient,
  RateLimiter,
  ResponseCache,
  ServiceProbe,
  StreamLimiter,
} from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { createAdmissionControl } from './admission/admission-control.ts';
import { createCallerLimits } from './admission/caller-limits.ts';
import { createMeteredModelClient } from './admission/metered-model-client.ts';
import { readCacheControl } from './cache/cache-control.ts';
import { createCachedModelClient } from './cache/cached-model-client.ts';
import { contentRoutes } from './content/content.routes.ts';
import { eventsRoutes } from './events/events.routes.ts';
import { generationRoutes } from './generation/generation.routes.ts';
import type { StreamTimings } from './generation/stream-relay.ts';
import { jobsRoutes } from './jobs/jobs.routes.ts';
import { createKeyService } from './keys/key-service.ts';
import { keysRoutes } from './keys/keys.routes.ts';
import { createOpenCalls } from './keys/open-calls.ts';
import { createModelCatalog } from './models/model-catalog.ts';
import { modelsRoutes } from './models/models.routes.ts';
import { openAiRoutes } from './openai/openai.routes.ts';
import { isOpenAiUrl, linkBaseOf, OPENAI_ALIAS_PREFIX } from './openai/openai-api.ts';
import { describeUnknownPath } from './openai/openai-endpoints.ts';
import { toErrorResponse } from './openai/openai-errors.ts';
import { normalizeOpenAiUrl } from './openai/openai-paths.ts';
import { openApiRoutes } from './openapi/openapi.routes.ts';
import { providersRoutes } from './providers/providers.routes.ts';
import { createHealthProber, replicasOf } from './system/health-prober.ts';
import { systemRoutes } from './system/system.routes.ts';
import { createSystemOverview } from './system/system-overview.ts';
import { usageRoutes } from './usage/usage.routes.ts';
import { webUiRoutes } from './web-ui/web-ui.routes.ts';
import { workshopRoutes } from './workshop/workshop.routes.ts';

export interface GatewayServiceDependencies {
  model: ModelClient;
  /** Without it, the model service responds to every request. */
  cache?: ResponseCache | undefined;
  providerSettings: ProviderSettingsClient;
  jobs: JobsClient;
  labs: LabClient;
  /** Announces changes of conversations. */
  conversationChanges?: ConversationChangeFeed | undefined;
  keys: {
    store: KeyStore;
    directory: KeyDirectory;
    budgets: Pick<BudgetStore, 'spendingOf'>;
    isKeyRequired: boolean;
  };
  content: ContentStore;
  idempotency: IdempotencyStore;
  logger: Logger;
  /** One probe for each service of the platform, including the gateway. */
  probes: readonly ServiceProbe[];
  lifecycle: Lifecycle;
  metrics: Metrics;
  /** Directory of the built web UI. */
  webUiDirectory: string;
  /** Why no client may change the provider settings; null when local clients may. */
  providersLocked: string | null;
  version: string;
  environment: string;
  topology: SystemOverview['topology'];
  limits: {
    streamsMax: number;
    totalTimeoutMs: number;
    /** Of owners whose keys have none of their own. Null for none. */
    ofOwners: ApiKeyLimits;
  };
  limiters: { rates: RateLimiter; streams: StreamLimiter };
  timings?: Partial<StreamTimings>;
}

const TIMINGS: StreamTimings = { heartbeatMs: 15_000, openAfterMs: 10_000 };

/** Creates the public API of the platform, as plugins for an HTTP server. */
export function createGatewayService(dependencies: GatewayServiceDependencies) {
  const {
    cache,
    providerSettings,
    providersLocked,
    jobs,
    labs,
    conversationChanges,
    keys,
    content,
    probes,
    lifecycle,
    metrics,
    webUiDirectory,
    version,
    environment,
    topology,
    limits,
  } = dependencies;
  const origin = createMeteredModelClient(dependencies.model);
  const timings = { ...TIMINGS, ...dependencies.timings };
  const openCalls = createOpenCalls(keys.directory);
  const createScopedContext = (request: FastifyRequest, scope: CallScope, timeoutMs = limits.totalTimeoutMs) => {
    const { principal } = request;
    if (!principal) throw new AppError('UNAUTHENTICATED');
    const value = bearerOf(request.headers.authorization);
    return createCallContext(request, scope, {
      lifecycle,
      timeoutMs,
      principal,
      linkBase: linkBaseOf(request),
      onOpen: value === undefined || principal.keyId === undefined ? undefined : (call) => openCalls.track(value, call),
      cacheControl: readCacheControl(request.headers['cache-control']),
    });
  };
  const createContext = (request: FastifyRequest, reply: FastifyReply, timeoutMs?: number) =>
    createScopedContext(request, responseScope(reply), timeoutMs);
  const callerLimits = createCallerLimits({
    ...dependencies.limiters,
    keys: keys.directory,
    ownerLimits: limits.ofOwners,
  });
  const admission = createAdmissionControl({
    max: limits.streamsMax,
    createContext: createScopedContext,
    callerLimits,
    onChange: (active) => metrics.activeGenerations.set(active),
  });
  const catalog = createModelCatalog({ model: origin });
  const onResult = (result: CacheResult) => metrics.cacheRequests.inc({ result });
  const model = cache ? createCachedModelClient({ model: origin, cache, catalog, keys: keys.directory, onResult }) : origin;
  const prober = createHealthProber({ probes });
  const readOverview = createSystemOverview({ jobs, version, environment, topology, prober, admission, catalog });

  const plugins = [
    idempotency({ store: dependencies.idempotency, logger: dependencies.logger }),
    openApiRoutes({ version, isOpenAiPath: isOpenAiUrl, isAlias: (path) => path.startsWith(OPENAI_ALIAS_PREFIX) }),
    generationRoutes({ model, catalog, admission, timings }),
    openAiRoutes({ model, catalog, admission, createContext, timings }),
    jobsRoutes({ jobs, catalog, callerLimits, lifecycle, createContext, heartbeatMs: timings.heartbeatMs }),
    eventsRoutes({ jobs, conversationChanges, readOverview, lifecycle, createContext, heartbeatMs: timings.heartbeatMs }),
    modelsRoutes({ catalog, createContext }),
    providersRoutes({ providerSettings, catalog, locked: providersLocked, createContext }),
    keysRoutes({ keys: createKeyService({ ...keys, catalog, platformLimits: limits.ofOwners }), createContext }),
    usageRoutes({ model, keys: keys.store, createContext }),
    workshopRoutes({ labs, lifecycle, createContext, heartbeatMs: timings.heartbeatMs }),
    contentRoutes({ content }),
    systemRoutes({ readOverview, createContext }),
    webUiRoutes({ directory: webUiDirectory }),
  ] as FastifyPluginAsync[];

  return {
    plugins,
    /** For the services whose routes the server of the gateway serves too. */
    calls: { createContext, admit: admission.admit },
    models: catalog,
    /** Without the cache, and counted towards the limits of the caller. */
    model: origin,
    toErrorResponse,
    describeUnknownPath,
    rewriteUrl: normalizeOpenAiUrl,
    /** Readiness check: reports whether at least one replica of a service is up. */
    async checkService(name: string): Promise<{ ok: boolean; detail?: string }> {
      const replicas = replicasOf(await prober.measure(), name);
      if (replicas.some(({ status }) => status === 'up')) return { ok: true };
      const detail = replicas.find((replica) => replica.detail !== null)?.detail;
      return { ok: false, ...(detail && { detail }) };
    },
  };
}
