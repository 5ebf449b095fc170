import { AppError, sleep } from '@prodigon/contracts';
import type { Logger, Metrics } from '@prodigon/platform';
import type { BudgetStore, CallContext, KeyDirectory, ModelClient, ProviderRegistration, UsageStore } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { inferenceRoutes } from './inference/inference.routes.ts';
import { createInferenceService } from './inference/inference-service.ts';
import { createModelCatalog, type ModelCatalog } from './inference/model-catalog.ts';
import type { InferenceTimeouts } from './inference/open-stream.ts';
import { createProviderRegistry } from './inference/provider-registry.ts';
import { createRetryLoop } from './inference/retry-loop.ts';
import { DEFAULT_POLICY, type RetryPolicy } from './inference/retry-policy.ts';
import { createBudgetGuard, NO_BUDGETS } from './keys/budget-guard.ts';
import { createKeyAccess } from './keys/key-access.ts';
import { usageRoutes } from './usage/usage.routes.ts';
import { createUsageReader } from './usage/usage-reader.ts';
import { createUsageMeter, createUsageRecorder } from './usage/usage-recorder.ts';

export { type RetryPolicy, toRetryPolicy } from './inference/retry-policy.ts';
export { providerSettingsRoutes } from './providers/provider-settings.routes.ts';
export { createProviderSettings } from './providers/provider-settings.ts';

export interface ModelServiceDependencies {
  /** In order of preference: the first one is the default. */
  providers: readonly ProviderRegistration[];
  defaultModel?: string | undefined;
  /** Fallback of every model, after its own fallbacks. */
  fallbackModel?: string | undefined;
  timeouts: InferenceTimeouts;
  usage: { store: UsageStore; retentionDays: number };
  /** Undefined without a database. Requests with a key from the database fail then. */
  keys?: { directory: Pick<KeyDirectory, 'find' | 'chainOf'>; budgets: BudgetStore } | undefined;
  metrics: Metrics;
  logger: Logger;
  policy?: Partial<RetryPolicy> | undefined;
}

export interface ModelService {
  /** Client for callers in the same process. */
  readonly client: ModelClient;
  /** Routes for callers in other processes. */
  routes(options: { createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext }): FastifyPluginAsync;
  /**
   * Logs a warning about each provider that does not list its models, e.g. because it refuses its key, and about a
   * configured model that no provider offers. Never rejects.
   */
  checkProviders(): Promise<void>;
  /**
   * Replaces the providers for later requests. A provider that stays keeps its health and its circuit breakers; responses in
   * flight are unaffected.
   */
  setProviders(providers: readonly ProviderRegistration[]): void;
  /** Writes the remaining usage records and settles the budgets, within a few seconds. */
  close(): Promise<void>;
}

/** Creates the service that calls model providers with retries, fallbacks and circuit breakers, and records usage. */
export function createModelService(dependencies: ModelServiceDependencies): ModelService {
  const { defaultModel, fallbackModel, timeouts, usage, keys, metrics, logger } = dependencies;
  const policy = { ...DEFAULT_POLICY, ...dependencies.policy };
  const registry = createProviderRegistry({ policy, metrics, now: Date.now });
  const createCatalog = (providers: readonly ProviderRegistration[]) =>
    createModelCatalog({ providers, defaultModel, fallbackModel, logger, healthOf: registry.healthOf });
  let current = createCatalog(dependencies.providers);
  const catalog: ModelCatalog = {
    idOf: (name) => current.idOf(name),
    list: () => current.list(),
    resolve: (...request) => current.resolve(...request),
  };
  const callWithRetries = createRetryLoop({ policy, registry, metrics, logger, random: Math.random, sleep });
  const recorder = createUsageRecorder({ ...usage, metrics, logger });
  const recordUsage = createUsageMeter({ metrics, recorder });
  const accessOf = createKeyAccess({ directory: keys?.directory, idOf: catalog.idOf });
  const budgets = keys ? createBudgetGuard({ store: keys.budgets, logger }) : NO_BUDGETS;
  const client: ModelClient = {
    ...createInferenceService({ catalog, callWithRetries, timeouts, recordUsage, accessOf, budgets }),
    usage: createUsageReader(usage),
  };
  return {
    client,
    routes: ({ createContext }) => {
      return async (app) => {
        await app.register(inferenceRoutes({ client, createContext }));
        await app.register(usageRoutes({ client, createContext }));
      };
    },
    async checkProviders() {
      await catalog.list().catch(() => {});
      for (const model of [defaultModel, fallbackModel]) {
        if (model === undefined) continue;
        await catalog.resolve(model, 'chat').catch((thrown: unknown) => {
          const { code } = AppError.from(thrown);
          logger.warn({ model, code }, 'A configured model cannot be used: check DEFAULT_MODEL and FALLBACK_MODEL');
        });
      }
    },
    setProviders(providers) {
      current = createCatalog(providers);
    },
    async close() {
      await Promise.all([recorder.close(), budgets.close()]);
    },
  };
}
