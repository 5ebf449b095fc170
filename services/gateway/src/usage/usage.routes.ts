import { type UsageReport, type UsageSelection, usageQuerySchema, usageReportSchema } from '@prodigon/contracts';
import type { CallContext, KeyStore, ModelClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { nameKeys } from './key-names.ts';
import { getUsage, getUsageAsCsv } from './usage.operations.ts';
import { toCsv } from './usage-csv.ts';

export interface UsageRoutesOptions {
  model: Pick<ModelClient, 'usage'>;
  keys: Pick<KeyStore, 'list'>;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function usageRoutes({ model, keys, createContext }: UsageRoutesOptions): FastifyPluginAsyncZod {
  async function report(selection: UsageSelection, context: CallContext): Promise<UsageReport> {
    const usage = await model.usage(selection, context);
    return selection.by === 'key' ? nameKeys(usage, keys, context.principal) : usage;
  }

  return async (app) => {
    app.get(
      '/api/v1/usage',
      {
        config: { access: 'caller', operation: getUsage },
        schema: { querystring: usageQuerySchema, response: { 200: usageReportSchema } },
      },
      (request, reply) => report(request.query, createContext(request, reply)),
    );

    app.get(
      '/api/v1/usage.csv',
      { config: { access: 'caller', operation: getUsageAsCsv }, schema: { querystring: usageQuerySchema } },
      async (request, reply) => {
        const usage = await report(request.query, createContext(request, reply));
        reply.type('text/csv; charset=utf-8');
        reply.header('content-disposition', `attachment; filename="usage-${usage.from}-to-${usage.to}.csv"`);
        return toCsv(usage);
      },
    );
  };
}
