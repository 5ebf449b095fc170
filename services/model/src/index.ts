import type { Logger, Metrics } from '@prodigon/platform';
import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { inferenceRoutes } from './inference/inference.routes.ts';
import { createInferenceService } from './inference/inference-service.ts';
import { ModelDirectory, type ProviderEntry } from './inference/model-directory.ts';
import type { InferenceTimeouts } from './inference/timeouts.ts';

export type { ProviderEntry } from './inference/model-directory.ts';

export interface ModelServiceDependencies {
  /** In order of preference: the first is the default one. */
  providers: readonly ProviderEntry[];
  defaultModel?: string | undefined;
  timeouts: InferenceTimeouts;
  metrics: Metrics;
  logger: Logger;
}

export interface ModelService {
  /** Call this from the same process. */
  readonly client: ModelClient;
  /** Mount this to be called from another. */
  routes(options: { createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext }): FastifyPluginAsync;
}

export function createModelService({
  providers,
  defaultModel,
  timeouts,
  metrics,
  logger,
}: ModelServiceDependencies): ModelService {
  const directory = new ModelDirectory({ providers, defaultModel, logger });
  const client = createInferenceService({ directory, timeouts, metrics });
  return { client, routes: ({ createContext }) => inferenceRoutes({ client, createContext }) as FastifyPluginAsync };
}
