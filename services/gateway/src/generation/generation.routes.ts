import { randomUUIDv7 } from 'node:crypto';
import { AppError, errorBodySchema, generateRequestSchema, generateResponseSchema } from '@prodigon/contracts';
import { onResponseClosed } from '@prodigon/platform';
import type { CallContext, ModelClient, StreamFormat } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Admission } from '../admission/admission.ts';
import type { ModelCatalogue } from '../models/model-catalogue.ts';
import { relayStream, type StreamTimings } from './relay-stream.ts';
import { toChatRequest } from './to-chat-request.ts';

export interface GenerationRoutesOptions {
  model: ModelClient;
  catalogue: ModelCatalogue;
  admission: Admission;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
  timings: StreamTimings;
}

const FORMATS: Record<string, StreamFormat> = { '1': 'tokens', '2': 'events' };

const versionHeader = z.object({
  'x-stream-version': z.enum(['1', '2']).default('1').describe('1: tokens and [DONE] or [ERROR]. 2: typed events'),
});

const STREAM_DESCRIPTION = [
  'Server-sent events. By default each token is `data: <JSON string>`, then `data: [DONE]`, or `data: [ERROR] <message>` and no `[DONE]`.',
  'With `X-Stream-Version: 2` typed events: `start`, `token`, `reasoning`, `tool_call`, then `usage` and `done`, or `error`.',
].join('\n\n');

export function generationRoutes({
  model,
  catalogue,
  admission,
  createContext,
  timings,
}: GenerationRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const tags = ['generation'];

  /** A place for as long as the response is open, and the context of the call. */
  function admit(request: FastifyRequest, reply: FastifyReply): CallContext {
    const leave = admission.enter();
    onResponseClosed(reply, leave);
    return createContext(request, reply);
  }

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
        const {
          text,
          model: id,
          provider,
          finish,
          usage,
          estimated,
        } = await model.complete(toChatRequest(request.body), context);
        Object.assign(request.record, { provider, model: id, finish, usage, estimated });
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
        const modelId = format === 'events' ? await catalogue.resolve(chat.model, context) : '';
        return relayStream(chat, context, reply, { model, format, generationId: randomUUIDv7(), modelId, timings });
      },
    );
  };
}
