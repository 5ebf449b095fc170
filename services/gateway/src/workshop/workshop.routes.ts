import { AppError } from '@prodigon/contracts';
import { WORKSHOP_OPERATIONS, type WorkshopOperation, type WorkshopOperationName } from '@prodigon/contracts/workshop';
import { type Lifecycle, pipeToSse } from '@prodigon/platform';
import type { CallContext, LabCall, LabClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { workshopOperations } from './workshop.operations.ts';

export interface WorkshopRoutesOptions {
  labs: LabClient;
  lifecycle: Pick<Lifecycle, 'draining'>;
  createContext: (request: FastifyRequest, reply: FastifyReply, timeoutMs?: number) => CallContext;
  heartbeatMs: number;
}

const EVENTS_MS = 3_600_000;
/** What tasks, labs and runs are named by. The service does not receive other parameters. */
const NAME = /^[a-z0-9-]{1,100}$/;

const PARAMS = {
  task: z.string().describe('The number or slug of a task, e.g. `01` or `rest-vs-grpc`'),
  lab: z.string().describe('The id of an experiment'),
  run: z.string().describe('The id of a run'),
};

/** Relays the operations of the workshop to the lab service. */
export function workshopRoutes({ labs, lifecycle, createContext, heartbeatMs }: WorkshopRoutesOptions): FastifyPluginAsyncZod {
  function toCall(operation: WorkshopOperationName, { params, body }: FastifyRequest): LabCall {
    const named = params as Record<string, string>;
    if (!Object.values(named).every((value) => NAME.test(value))) throw new AppError('NOT_FOUND');
    const hasBody = 'body' in WORKSHOP_OPERATIONS[operation];
    return { operation, params: { ...named }, ...(hasBody && { body: body as object }) };
  }

  async function relayEvents(call: LabCall, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const context = createContext(request, reply, EVENTS_MS);
    const signal = AbortSignal.any([context.signal, lifecycle.draining]);
    return pipeToSse(reply, await labs.events(call, { ...context, signal }), { heartbeatMs });
  }

  return async (app) => {
    for (const [name, operation] of Object.entries<WorkshopOperation>(WORKSHOP_OPERATIONS)) {
      const { method, path, body, status, response } = operation;
      const operationName = name as WorkshopOperationName;
      const params = paramsOf(path);
      app.route({
        method,
        url: path,
        exposeHeadRoute: response !== null,
        config: { access: 'caller', operation: workshopOperations[operationName] },
        schema: { ...(params && { params }), ...(body && { body }), ...(response && { response: { [status]: response } }) },
        handler: async (request, reply) => {
          const call = toCall(operationName, request);
          if (response === null) return relayEvents(call, request, reply);
          return reply.code(status).send(await labs.call(call, createContext(request, reply)));
        },
      });
    }
  };
}

function paramsOf(path: string): z.ZodObject | null {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as keyof typeof PARAMS);
  return names.length === 0 ? null : z.object(Object.fromEntries(names.map((name) => [name, PARAMS[name]])));
}
