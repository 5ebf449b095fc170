import { createContentStore } from '@prodigon/content';
import { createModelProviders, isOfflineModel } from '@prodigon/model-providers';
import { createModelService, toRetryPolicy } from '@prodigon/model-service';
import {
  type Configuration,
  createHttpServer,
  createInternalContextFactory,
  healthRoutes,
  type Logger,
  type PreparedProcess,
  type ProcessParts,
  prepareProcess,
} from '@prodigon/platform';
import type { ContentStore } from '@prodigon/ports';
import { openUsageStorage } from '@prodigon/storage';

const service = 'model';

/** Builds the model service with its providers and its usage storage, which `closers` close. Without the database, it only records no usage. */
export function composeModel({ configuration, models, metrics, logger }: PreparedProcess, content: ContentStore) {
  const usage = openUsageStorage(configuration);
  const model = createModelService({
    providers: createModelProviders(configuration, models, content),
    defaultModel: availableDefaultModel(configuration, logger),
    fallbackModel: configuration.FALLBACK_MODEL,
    policy: toRetryPolicy(models.policy),
    timeouts: { firstTokenMs: configuration.FIRST_TOKEN_TIMEOUT_MS, idleMs: configuration.IDLE_TIMEOUT_MS },
    usage: { store: usage.store, retentionDays: configuration.USAGE_RETENTION_DAYS },
    metrics,
    logger,
  });
  const closers = [() => model.close(), () => usage.close()];
  // Providers may take seconds to respond, and the model service is ready without them.
  void model.checkProviders();
  const checks = usage.check ? [{ name: 'database', required: false, check: usage.check }] : [];
  return { model, checks, closers };
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
  const { model, checks, closers } = composeModel(prepared, createContentStore(configuration));
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    authentication: { apiKeys: [], internalToken, openMetrics: false },
    http2: true,
    bodyBytesInFlightMax: configuration.BODIES_MB_MAX * 1_048_576,
    plugins: [
      model.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: configuration.TOTAL_TIMEOUT_MS }) }),
      healthRoutes({ service, ...identity, lifecycle, metrics, checks }),
    ],
  });
  return {
    service,
    server,
    host: configuration.INTERNAL_HOST,
    port: configuration.MODEL_PORT,
    portVariable: 'MODEL_PORT',
    lifecycle,
    logger,
    closers,
  };
}
