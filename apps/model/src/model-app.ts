import { createContentStore } from '@prodigon/content';
import { createModelProviders } from '@prodigon/model-providers';
import { createModelService, toRetryPolicy } from '@prodigon/model-service';
import {
  createHttpServer,
  createInternalContextFactory,
  healthRoutes,
  type PreparedProcess,
  type ProcessParts,
  prepareProcess,
} from '@prodigon/platform';
import type { ContentStore } from '@prodigon/ports';
import { openUsageStorage } from '@prodigon/storage';

const service = 'model';

/** Builds the model service with its providers and its usage storage, which `closers` close. */
export function composeModel({ configuration, models, metrics, logger }: PreparedProcess, content: ContentStore) {
  const usage = openUsageStorage(configuration);
  const model = createModelService({
    providers: createModelProviders(configuration, models, content),
    defaultModel: configuration.DEFAULT_MODEL,
    fallbackModel: configuration.FALLBACK_MODEL,
    policy: toRetryPolicy(models.policy),
    timeouts: { firstTokenMs: configuration.FIRST_TOKEN_TIMEOUT_MS, idleMs: configuration.IDLE_TIMEOUT_MS },
    usage: { store: usage.store, retentionDays: configuration.USAGE_RETENTION_DAYS },
    metrics,
    logger,
  });
  const closers = [() => model.close(), () => usage.close()];
  return { model, closers };
}

/** Builds the model service as a process. */
export async function buildModelApp(env: NodeJS.ProcessEnv): Promise<ProcessParts> {
  const prepared = prepareProcess({ service, env });
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepared;
  const { model, closers } = composeModel(prepared, createContentStore(configuration));
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    authentication: { apiKeys: [], internalToken, openMetrics: false },
    http2: true,
    plugins: [
      model.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: configuration.TOTAL_TIMEOUT_MS }) }),
      healthRoutes({ service, ...identity, lifecycle, metrics }),
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
