import { createContentStore } from '@prodigon/content';
import { TUTOR_MODEL_ID } from '@prodigon/contracts';
import { createProviderFactory, isOfflineModel } from '@prodigon/model-providers';
import { createModelService, createProviderSettings, providerSettingsRoutes, toRetryPolicy } from '@prodigon/model-service';
import {
  type Configuration,
  createBodyBudget,
  createHttpServer,
  createInternalContextFactory,
  createProviderSettingsStore,
  healthRoutes,
  type Logger,
  type PreparedProcess,
  type ProcessParts,
  prepareProcess,
  prepareProviderSettings,
  SETTINGS,
} from '@prodigon/platform';
import type { ContentStore } from '@prodigon/ports';
import { type KeyStorage, openKeyStorage, openUsageStorage } from '@prodigon/storage';
import { buildModelGrpcServer } from './model-grpc-server.ts';

const service = 'model';

/** Builds the model service with its providers and its usage storage, which `closers` close. Without the database, it works but records no usage. */
export function composeModel(
  prepared: PreparedProcess,
  { content, keys }: { content: ContentStore; keys: KeyStorage },
  env: NodeJS.ProcessEnv,
) {
  const { configuration, dataDirectory, models, providers, metrics, logger } = prepared;
  const usage = openUsageStorage(configuration);
  const factory = createProviderFactory(configuration, content);
  const model = createModelService({
    providers: factory.create(providers),
    defaultModel: availableDefaultModel(configuration, logger),
    fallbackModel: configuration.FALLBACK_MODEL,
    policy: toRetryPolicy(models.policy),
    timeouts: { firstTokenMs: configuration.FIRST_TOKEN_TIMEOUT_MS, idleMs: configuration.IDLE_TIMEOUT_MS },
    usage: { store: usage.store, retentionDays: configuration.USAGE_RETENTION_DAYS },
    keys: keys.check ? keys : undefined,
    metrics,
    logger,
  });
  prepareProviderSettings(dataDirectory, env);
  const providerSettings = createProviderSettings({
    models,
    store: createProviderSettingsStore(dataDirectory),
    check: factory.check,
    apply: (enabled) => model.setProviders(factory.create(enabled)),
    logger,
  });
  const closers = [() => model.close(), () => usage.close()];
  // Providers may take seconds to respond, and the model service is ready without them.
  void model.checkProviders();
  // Without another provider, the first question goes to the tutor, unless another model is configured.
  const hasProviders = providers.length > 0 && !configuration.USE_MOCK;
  if (!hasProviders && (configuration.DEFAULT_MODEL ?? TUTOR_MODEL_ID) === TUTOR_MODEL_ID) void factory.warmUpTutor();
  const checks = usage.check ? [{ name: 'database', required: false, check: usage.check }] : [];
  return { model, providerSettings, checks, closers };
}

/** Returns DEFAULT_MODEL unless USE_MOCK makes it unavailable: every request without a model would then fail. */
function availableDefaultModel({ USE_MOCK, DEFAULT_MODEL }: Configuration, logger: Logger): string | undefined {
  if (!USE_MOCK || DEFAULT_MODEL === undefined || isOfflineModel(DEFAULT_MODEL)) return DEFAULT_MODEL;
  logger.warn({ model: DEFAULT_MODEL }, 'DEFAULT_MODEL is ignored, because USE_MOCK allows only the offline models');
  return undefined;
}

/** Builds the model service as a process. */
export async function buildModelApp(env: NodeJS.ProcessEnv): Promise<ProcessParts> {
  const prepared = prepareProcess({ service, env });
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepared;
  const keys = openKeyStorage(configuration);
  const content = createContentStore(configuration);
  const { model, providerSettings, checks, closers } = composeModel(prepared, { content, keys }, env);
  const createContext = createInternalContextFactory({ lifecycle, timeoutMs: configuration.TOTAL_TIMEOUT_MS });
  const bodyBudget = createBodyBudget(configuration.BODIES_MB_MAX * 1_048_576);
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    authentication: { internalToken, openMetrics: false },
    http2: true,
    bodyBudget,
    plugins: [
      model.routes({ createContext }),
      providerSettingsRoutes({ client: providerSettings, createContext }),
      healthRoutes({ service, ...identity, lifecycle, metrics, checks }),
    ],
  });
  return {
    service,
    server,
    host: configuration.INTERNAL_HOST,
    port: configuration.MODEL_PORT,
    portVariable: 'MODEL_PORT',
    grpc: {
      server: await buildModelGrpcServer(prepared, { model, checks, bodyBudget }),
      // Random ports are for several platforms on one machine.
      port: configuration.MODEL_GRPC_PORT ?? (configuration.MODEL_PORT === 0 ? 0 : undefined),
      defaultPort: Number(SETTINGS.MODEL_GRPC_PORT.default),
      portVariable: 'MODEL_GRPC_PORT',
    },
    lifecycle,
    logger,
    closers: [...closers, () => keys.close()],
  };
}
