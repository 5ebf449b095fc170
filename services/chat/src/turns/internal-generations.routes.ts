import { AppError } from '@prodigon/contracts';
import { generationStreamQuerySchema } from '@prodigon/contracts/conversations';
import { COMPLETED_TRAILERS, decodePrincipal, INTERNAL_LINGER_MS, onResponseClosed, streamSse } from '@prodigon/platform';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { GenerationRunner } from './generation-runner.ts';
import type { RunningGeneration } from './running-generation.ts';

const BASE = '/internal/v1/generations/:generationId';
const config = { access: 'internal' } as const;
const params = z.object({ generationId: z.uuid() });

/**
 * Serves the running generations of this process to other gateways. A process that drains serves them until they end.
 */
export function internalGenerationsRoutes({ runner }: { runner: Pick<GenerationRunner, 'find'> }): FastifyPluginAsyncZod {
  function find(request: FastifyRequest, generationId: string): RunningGeneration {
    const { id } = decodePrincipal((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    });
    const generation = runner.find(id, generationId);
    if (!generation) throw new AppError('NOT_FOUND');
    return generation;
  }

  return async (app) => {
    app.get(
      `${BASE}/stream`,
      { config, exposeHeadRoute: false, schema: { params, querystring: generationStreamQuerySchema } },
      async (request, reply) => {
        const generation = find(request, request.params.generationId);
        const closed = new AbortController();
        onResponseClosed(reply, () => closed.abort());
        return streamSse(reply, { heartbeatMs: 0, lingerMs: INTERNAL_LINGER_MS }, async (sse) => {
          sse.open();
          const { frame } = await generation.read(sse, request.query.after, closed.signal);
          return { frame, trailers: COMPLETED_TRAILERS };
        });
      },
    );

    app.post(`${BASE}/cancel`, { config, schema: { params } }, async (request) => {
      const generation = find(request, request.params.generationId);
      generation.stop(new AppError('CANCELLED'));
      await generation.ended;
      return { id: generation.id };
    });
  };
}
