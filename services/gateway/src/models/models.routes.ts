import { errorBodySchema, modelListSchema } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ModelCatalog } from './model-catalog.ts';

export interface ModelsRoutesOptions {
  catalog: ModelCatalog;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function modelsRoutes({ catalog, createContext }: ModelsRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/models',
      {
        config: { access: 'caller' },
        schema: {
          tags: ['models'],
          summary: 'List models',
          response: { 200: modelListSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
        },
      },
      (request, reply) => catalog.list(createContext(request, reply)),
    );
  };
}
