import { errorBodySchema, usageQuerySchema, usageReportSchema } from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';

export interface UsageRoutesOptions {
  model: Pick<ModelClient, 'usage'>;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function usageRoutes({ model, createContext }: UsageRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/usage',
      {
        config: { access: 'caller' },
        schema: {
          tags: ['usage'],
          summary: 'Report your usage and its cost',
          description: 'Groups requests by day, provider and model. A request appears about one second after it ends.',
          querystring: usageQuerySchema,
          response: { 200: usageReportSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
        },
      },
      (request, reply) => model.usage(request.query, createContext(request, reply)),
    );
  };
}
