import { WORKSHOP_OPERATIONS, type WorkshopOperation, type WorkshopOperationName } from '@prodigon/contracts/workshop';
import { COMPLETED_TRAILERS, INTERNAL_LINGER_MS, pipeToSse } from '@prodigon/platform';
import type { CallContext, LabCall, LabClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';

export interface LabRoutesOptions {
  readonly client: LabClient;
  readonly createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

/** Serves `WORKSHOP_OPERATIONS` to other services, e.g. `/internal/v1/workshop`. */
export function labRoutes({ client, createContext }: LabRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    for (const [name, { method, path, status, response }] of Object.entries<WorkshopOperation>(WORKSHOP_OPERATIONS)) {
      const operation = name as WorkshopOperationName;
      app.route({
        method,
        url: path.replace('/api/', '/internal/'),
        exposeHeadRoute: response !== null,
        config: { access: 'internal' },
        handler: async (request, reply) => {
          const call: LabCall = {
            operation,
            params: request.params as Record<string, string>,
            ...(method === 'POST' && { body: request.body as object }),
          };
          const context = createContext(request, reply);
          if (response !== null) return reply.code(status).send(await client.call(call, context));
          const frames = await client.events(call, context);
          return pipeToSse(reply, frames, { heartbeatMs: 0, lingerMs: INTERNAL_LINGER_MS, trailers: COMPLETED_TRAILERS });
        },
      });
    }
  };
}
