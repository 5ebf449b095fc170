import { usageQuerySchema, usageReportSchema } from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';

export interface UsageRoutesOptions {
  client: Pick<ModelClient, 'usage'>;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function usageRoutes({ client, createContext }: UsageRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'internal' } as const;
  return async (app) => {
    app.get(
      '/internal/v1/usage',
      { config, schema: { querystring: usageQuerySchema, response: { 200: usageReportSchema } } },
      (request, reply) => client.usage(request.query, createContext(request, reply)),
    );
  };
}
