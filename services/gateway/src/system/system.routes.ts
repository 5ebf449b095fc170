import { systemOverviewSchema } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { getSystemOverview } from './system.operations.ts';
import type { ReadSystemOverview } from './system-overview.ts';

export interface SystemRoutesOptions {
  readOverview: ReadSystemOverview;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function systemRoutes({ readOverview, createContext }: SystemRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/api/v1/system/overview',
      {
        config: { access: 'caller', operation: getSystemOverview },
        schema: { response: { 200: systemOverviewSchema } },
      },
      (request, reply) => readOverview(createContext(request, reply)),
    );
  };
}
