import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Logger, Metrics } from '@prodigon/platform';
import { abortReason, type CallContext, type ModelClient, type ProviderRegistration, type UsageStore } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { inferenceRoutes } from './inference/inference.routes.ts';
import { createInferenceService } from './inference/inference-service.ts';
import { ModelDirectory } from './inference/model-catalog.ts';
import { TargetBoard } from './inference/provider-registry.ts';
import { createAttemptLoop } from './inference/retry-loop.ts';
import { DEFAULT_POLICY, type RetryPolicy } from './inference/retry-policy.ts';
import type { InferenceTimeouts } from './inference/timeouts.ts';
import { usageRoutes } from './usage/usage.routes.ts';
import { createRequestCounter } from './usage/usage-meter.ts';
import { createUsageReader } from './usage/usage-reader.ts';
import { createUsageRecorder } from './usage/usage-recorder.ts';

export { type RetryPolicy, toRetryPolicy } from './inference/retry-policy.ts';

export interface ModelServiceDependencies {
  /** In order of preference: the first is the default one. */
  providers: readonly ProviderRegistration[];
  defaultModel?: string | undefined;
  /** Answers for any model that fails before its first word and has no fallback of its own. */
  fallbackModel?: string | undefined;
  timeouts: InferenceTimeouts;
  usage: { store: UsageStore; retentionDays: number };
  metrics: Metrics;
  logger: Logger;
  policy?: Partial<RetryPolicy> | undefined;
}

export interface ModelService {
  /** Call this from the same process. */
  readonly client: ModelClient;
  /** Mount this to be called from another. */
  routes(options: { createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext }): FastifyPluginAsync;
  /** Writes down what was used, as long as that takes no more than a few seconds. */
  close(): Promise<void>;
}

export function createModelService(dependencies: ModelServiceDependencies): ModelService {
  const { providers, defaultModel, fallbackModel, timeouts, usage, metrics, logger } = dependencies;
  const policy = { ...DEFAULT_POLICY, ...dependencies.policy };
  const board = new TargetBoard({ policy, metrics, now: Date.now });
  const directory = new ModelDirectory({
    providers,
    defaultModel,
    fallbackModel,
    logger,
    healthOf: (entry, id) => board.healthOf(entry, id),
  });
  const attempt = createAttemptLoop({ policy, board, metrics, logger, random: Math.random, sleep });
  const recorder = createUsageRecorder({ ...usage, metrics, logger });
  const count = createRequestCounter({ metrics, usage: recorder });
  const client: ModelClient = {
    ...createInferenceService({ directory, attempt, timeouts, count }),
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
    close: () => recorder.close(),
  };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, { signal }).catch(() => {
    throw abortReason(signal);
  });
}
