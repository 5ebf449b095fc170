import { chatRequestSchema, embeddingRequestSchema, modelListSchema } from '@prodigon/contracts';
import {
  createSseWriter,
  encodeOutcome,
  encodeResponseMetadata,
  encodeResponseSummary,
  INTERNAL_HEADERS,
  INTERNAL_LINGER_MS,
  OUTCOME_TRAILER,
  recordFailure,
} from '@prodigon/platform';
import type { CallContext, Completion, Embeddings, ModelClient, ResponseMetadata } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { generationIdSchema } from './generation-id.ts';

export interface InferenceRoutesOptions {
  client: ModelClient;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

/** Must not be lower than any body limit of the gateway. */
const BODY_BYTES_MAX = 64 << 20;

const streamHeaders = z.object({
  [INTERNAL_HEADERS.streamFormat]: z.enum(['tokens', 'events', 'chunks', 'content']),
  [INTERNAL_HEADERS.generationId]: generationIdSchema,
});

/** Serves the model client over HTTP to other services. */
export function inferenceRoutes({ client, createContext }: InferenceRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'internal' } as const;
  const bodyLimit = BODY_BYTES_MAX;
  return async (app) => {
    app.get('/internal/v1/models', { config, schema: { response: { 200: modelListSchema } } }, (request, reply) =>
      client.models(createContext(request, reply)),
    );

    app.post('/internal/v1/chat', { config, bodyLimit, schema: { body: chatRequestSchema } }, async (request, reply) => {
      const { text: _, choice: _choice, ...completion } = await client.complete(request.body, createContext(request, reply));
      return sendResponse(request, reply, completion);
    });

    app.post('/internal/v1/embeddings', { config, schema: { body: embeddingRequestSchema } }, async (request, reply) =>
      sendResponse(request, reply, await client.embed(request.body, createContext(request, reply))),
    );

    app.post(
      '/internal/v1/chat/stream',
      { config, bodyLimit, schema: { body: chatRequestSchema, headers: streamHeaders } },
      async (request, reply) => {
        const stream = await client.stream(request.body, createContext(request, reply), {
          format: request.headers[INTERNAL_HEADERS.streamFormat],
          generationId: request.headers[INTERNAL_HEADERS.generationId],
        });
        logMetadata(request, stream);
        // The gateway sends heartbeats. A heartbeat from here could arrive inside a frame.
        const writer = createSseWriter(reply, { heartbeatMs: 0, lingerMs: INTERNAL_LINGER_MS });
        writer.open({
          [INTERNAL_HEADERS.metadata]: encodeResponseMetadata(stream),
          ...(request.raw.httpVersionMajor === 1 && { trailer: OUTCOME_TRAILER }),
        });
        try {
          for await (const bytes of stream.bytes()) {
            // An unconditional `await` would cost every token a turn of the event loop.
            const drained = writer.write(bytes);
            if (drained) await drained;
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

/** Sends the body unchanged, with its metadata in a header. */
function sendResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  response: Omit<Completion, 'text' | 'choice'> | Embeddings,
): FastifyReply {
  logMetadata(request, response);
  Object.assign(request.record, { usage: response.usage, cost_usd: response.costUsd });
  return reply
    .header(INTERNAL_HEADERS.metadata, encodeResponseSummary(response))
    .type('application/json; charset=utf-8')
    .send(response.body);
}

function logMetadata(request: FastifyRequest, { provider, model, attempts, warning }: ResponseMetadata): void {
  Object.assign(request.record, { provider, model, attempts: attempts.length, ...(warning && { warning }) });
}
