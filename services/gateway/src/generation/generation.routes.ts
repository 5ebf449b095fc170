import { randomUUIDv7 } from 'node:crypto';
import { AppError, errorBodySchema, generateRequestSchema, generateResponseSchema } from '@prodigon/contracts';
import type { ModelClient, StreamFormat } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Admit } from '../admission/admit.ts';
import type { ModelCatalogue } from '../models/model-catalogue.ts';
import { recordSource, sourceHeaders } from './response-metadata.ts';
import { relayStream, type StreamTimings } from './stream-relay.ts';
import { toChatRequest } from './to-chat-request.ts';

export interface GenerationRoutesOptions {
  model: ModelClient;
  catalogue: ModelCatalogue;
  admit: Admit;
  timings: StreamTimings;
}

const FORMATS: Record<string, StreamFormat> = { '1': 'tokens', '2': 'events' };

const NOT_RESOLVED = { id: '', warning: null };

const versionHeader = z.object({
  'x-stream-version': z.enum(['1', '2']).default('1').describe('1: tokens and [DONE] or [ERROR]. 2: typed events'),
});

const STREAM_DESCRIPTION = [
  'Server-sent events. By default each token is `data: <JSON string>`, then `data: [DONE]`, or `data: [ERROR] <message>` and no `[DONE]`.',
  'With `X-Stream-Version: 2` typed events: `start`, `token`, `reasoning`, `tool_call`, then `usage` and `done`, or `error`.',
].join('\n\n');

export function generationRoutes({ model, catalogue, admit, timings }: GenerationRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const tags = ['generation'];

  return async (app) => {
    app.post(
      '/api/v1/generate',
      {
        config,
        schema: {
          tags,
          summary: 'Answer one prompt in one piece',
          body: generateRequestSchema,
          response: { 200: generateResponseSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
        },
      },
      async (request, reply) => {
        const context = admit(request, reply);
        const completion = await model.complete(toChatRequest(request.body), context);
        const { text, model: id, finish, usage, estimated, costUsd: cost_usd } = completion;
        recordSource(request, completion);
        Object.assign(request.record, { finish, usage, estimated, cost_usd });
        reply.headers(sourceHeaders(completion, request));
        const latency_ms = Math.round((performance.now() - request.arrivedAt) * 100) / 100;
        return { text, model: id, usage, latency_ms };
      },
    );

    app.post(
      '/api/v1/generate/stream',
      {
        config,
        schema: {
          tags,
          summary: 'Answer one prompt as it is made',
          description: STREAM_DESCRIPTION,
          headers: versionHeader,
          body: generateRequestSchema,
          response: { '4xx': errorBodySchema, '5xx': errorBodySchema },
        },
      },
      async (request, reply) => {
        const format = FORMATS[request.headers['x-stream-version']];
        if (!format) throw new AppError('VALIDATION_ERROR');
        const context = admit(request, reply);
        const chat = toChatRequest(request.body);
        // Typed events begin before the model service is asked, so what can be refused is refused here.
        const { id, warning } = format === 'events' ? await catalogue.resolve(chat.model, context) : NOT_RESOLVED;
        if (warning !== null) reply.header('x-prodigon-warning', warning);
        return relayStream(chat, context, reply, { model, format, generationId: randomUUIDv7(), modelId: id, timings });
      },
    );
  };
}
