import { usageQuerySchema, usageReportSchema } from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { getUsage } from './usage.operations.ts';

export interface UsageRoutesOptions {
  model: Pick<ModelClient, 'usage'>;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function usageRoutes({ model, createContext }: UsageRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/usage',
      {
        config: { access: 'caller', operation: getUsage },
        schema: { querystring: usageQuerySchema, response: { 200: usageReportSchema } },
      },
      (request, reply) => model.usage(request.query, createContext(request, reply)),
    );
  };
}
