import { chatRequestSchema, modelListSchema } from '@prodigon/contracts';
import {
  completionSchema,
  EventStreamWriter,
  encodeOutcome,
  INTERNAL_HEADERS,
  OUTCOME_TRAILER,
  recordFailure,
} from '@prodigon/platform';
import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

export interface InferenceRoutesOptions {
  client: ModelClient;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

const streamHeaders = z.object({
  [INTERNAL_HEADERS.streamFormat]: z.enum(['tokens', 'events']),
  [INTERNAL_HEADERS.generationId]: z.string().min(1).max(128),
});

/** The model client as HTTP, for the other services only. */
export function inferenceRoutes({ client, createContext }: InferenceRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'internal' } as const;
  return async (app) => {
    app.get('/internal/v1/models', { config, schema: { response: { 200: modelListSchema } } }, (request, reply) =>
      client.models(createContext(request, reply)),
    );

    app.post(
      '/internal/v1/chat',
      { config, schema: { body: chatRequestSchema, response: { 200: completionSchema } } },
      async (request, reply) => {
        const completion = await client.complete(request.body, createContext(request, reply));
        Object.assign(request.record, { provider: completion.provider, model: completion.model, usage: completion.usage });
        return completion;
      },
    );

    app.post(
      '/internal/v1/chat/stream',
      { config, schema: { body: chatRequestSchema, headers: streamHeaders } },
      async (request, reply) => {
        const stream = await client.stream(request.body, createContext(request, reply), {
          format: request.headers[INTERNAL_HEADERS.streamFormat],
          generationId: request.headers[INTERNAL_HEADERS.generationId],
        });
        Object.assign(request.record, { provider: stream.provider, model: stream.model });
        // The gateway keeps its client's connection alive; a heartbeat here would land inside its frames.
        const writer = new EventStreamWriter(reply, { heartbeatMs: 0 });
        writer.open({
          [INTERNAL_HEADERS.model]: encodeURIComponent(stream.model),
          [INTERNAL_HEADERS.provider]: stream.provider,
          ...(request.raw.httpVersionMajor === 1 && { trailer: OUTCOME_TRAILER }),
        });
        try {
          for await (const bytes of stream.bytes()) await writer.write(bytes);
        } catch (thrown) {
          recordFailure(request, thrown);
        }
        const outcome = await stream.outcome;
        Object.assign(request.record, {
          outcome: outcome.status,
          finish: outcome.finish,
          usage: outcome.usage,
          ttft_ms: outcome.timings.ttftMs,
        });
        writer.end(undefined, { [OUTCOME_TRAILER]: encodeOutcome(outcome) });
        return reply;
      },
    );
  };
}
