import { chatRequestSchema, embeddingRequestSchema, modelListSchema } from '@prodigon/contracts';
import {
  createSseWriter,
  encodeOutcome,
  encodeResponseMetadata,
  encodeResponseSummary,
  INTERNAL_HEADERS,
  OUTCOME_TRAILER,
  recordFailure,
} from '@prodigon/platform';
import type { CallContext, Completion, Embeddings, ModelClient, ResponseMetadata } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

export interface InferenceRoutesOptions {
  client: ModelClient;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

/** The gateway decides what is too large; this only has to be no less. */
const BODY_BYTES_MAX = 32 << 20;

const streamHeaders = z.object({
  [INTERNAL_HEADERS.streamFormat]: z.enum(['tokens', 'events', 'chunks']),
  [INTERNAL_HEADERS.generationId]: z.string().min(1).max(128),
});

/** The model client as HTTP, for the other services only. */
export function inferenceRoutes({ client, createContext }: InferenceRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'internal' } as const;
  const bodyLimit = BODY_BYTES_MAX;
  return async (app) => {
    app.get('/internal/v1/models', { config, schema: { response: { 200: modelListSchema } } }, (request, reply) =>
      client.models(createContext(request, reply)),
    );

    app.post('/internal/v1/chat', { config, bodyLimit, schema: { body: chatRequestSchema } }, async (request, reply) => {
      const { text: _, ...completion } = await client.complete(request.body, createContext(request, reply));
      return sendAnswer(request, reply, completion);
    });

    app.post('/internal/v1/embeddings', { config, schema: { body: embeddingRequestSchema } }, async (request, reply) =>
      sendAnswer(request, reply, await client.embed(request.body, createContext(request, reply))),
    );

    app.post(
      '/internal/v1/chat/stream',
      { config, bodyLimit, schema: { body: chatRequestSchema, headers: streamHeaders } },
      async (request, reply) => {
        const stream = await client.stream(request.body, createContext(request, reply), {
          format: request.headers[INTERNAL_HEADERS.streamFormat],
          generationId: request.headers[INTERNAL_HEADERS.generationId],
        });
        recordSource(request, stream);
        // The gateway keeps its client's connection alive; a heartbeat here would land inside its frames.
        const writer = createSseWriter(reply, { heartbeatMs: 0 });
        writer.open({
          [INTERNAL_HEADERS.metadata]: encodeResponseMetadata(stream),
          ...(request.raw.httpVersionMajor === 1 && { trailer: OUTCOME_TRAILER }),
        });
        try {
          for await (const bytes of stream.bytes()) {
            // Waiting for nothing would still cost each token a turn.
            const caughtUp = writer.write(bytes);
            if (caughtUp) await caughtUp;
          }
        } catch (thrown) {
          recordFailure(request, thrown);
        }
        const outcome = await stream.outcome;
        Object.assign(request.record, {
          outcome: outcome.status,
          finish: outcome.finish,
          usage: outcome.usage,
          cost_usd: outcome.costUsd,
          ttft_ms: outcome.timings.ttftMs,
        });
        writer.end({ trailers: { [OUTCOME_TRAILER]: encodeOutcome(outcome) } });
        return reply;
      },
    );
  };
}

/** The body as it is, and in a header what we know about it. */
function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: Omit<Completion, 'text'> | Embeddings): FastifyReply {
  recordSource(request, answer);
  Object.assign(request.record, { usage: answer.usage, cost_usd: answer.costUsd });
  return reply
    .header(INTERNAL_HEADERS.metadata, encodeResponseSummary(answer))
    .type('application/json; charset=utf-8')
    .send(answer.body);
}

function recordSource(request: FastifyRequest, { provider, model, attempts, warning }: ResponseMetadata): void {
  Object.assign(request.record, { provider, model, attempts: attempts.length, ...(warning && { warning }) });
}
