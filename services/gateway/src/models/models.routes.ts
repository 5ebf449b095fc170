import { modelListSchema } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ModelCatalog } from './model-catalog.ts';
import { listModels } from './models.operations.ts';

export interface ModelsRoutesOptions {
  catalog: ModelCatalog;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function modelsRoutes({ catalog, createContext }: ModelsRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/models',
      {
        config: { access: 'caller', operation: listModels },
        schema: { response: { 200: modelListSchema } },
      },
      (request, reply) => catalog.list(createContext(request, reply)),
    );
  };
}
