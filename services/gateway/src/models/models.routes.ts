import { errorBodySchema, modelListSchema } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ModelCatalogue } from './model-catalogue.ts';

export interface ModelsRoutesOptions {
  catalogue: ModelCatalogue;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function modelsRoutes({ catalogue, createContext }: ModelsRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/models',
      {
        config: { access: 'caller' },
        schema: {
          tags: ['models'],
          summary: 'The models that may be asked for',
          response: { 200: modelListSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
        },
      },
      (request, reply) => catalogue.list(createContext(request, reply)),
    );
  };
}
