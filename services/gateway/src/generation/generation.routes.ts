import { randomUUIDv7 } from 'node:crypto';
import {
  AppError,
  type ChatRequest,
  errorBodySchema,
  GENERATION_LIMITS,
  type GenerateRequest,
  generateRequestSchema,
  generateResponseSchema,
} from '@prodigon/contracts';
import type { ModelClient, StreamFormat } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AdmissionControl } from '../admission/admission-control.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { recordUsage, reportMetadata } from './response-metadata.ts';
import { relayStream, type StreamTimings } from './stream-relay.ts';

export interface GenerationRoutesOptions {
  model: ModelClient;
  catalog: ModelCatalog;
  admission: AdmissionControl;
  timings: StreamTimings;
}

const FORMATS: Record<string, StreamFormat> = { '1': 'tokens', '2': 'events' };

const NOT_RESOLVED = { id: '', warning: null };

const versionHeader = z.object({
  'x-stream-version': z
    .enum(['1', '2'])
    .default('1')
    .describe('`1` streams tokens, then `[DONE]` or `[ERROR]`. `2` streams typed events.'),
});

const STREAM_DESCRIPTION = [
  'Returns server-sent events. By default each token is `data: <JSON string>`. The stream ends with `data: [DONE]`, or with `data: [ERROR] <message>` if it fails.',
  'With `X-Stream-Version: 2` the events are typed: `start`, then `token`, `reasoning` and `tool_call`, then `usage` and `done`, or `error` if it fails.',
].join('\n\n');

export function generationRoutes({ model, catalog, admission, timings }: GenerationRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const tags = ['generation'];

  return async (app) => {
    app.post(
      '/api/v1/generate',
      {
        config,
        bodyLimit: GENERATION_LIMITS.bodyBytesMax,
        schema: {
          tags,
          summary: 'Create a completion',
          body: generateRequestSchema,
          response: { 200: generateResponseSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
        },
      },
      async (request, reply) => {
        const context = admission.admit(request, reply);
        const completion = await model.complete(toChatRequest(request.body), context);
        reportMetadata(reply, completion);
        recordUsage(request, completion);
        const latency_ms = Math.round((performance.now() - request.arrivedAt) * 100) / 100;
        return { text: completion.text, model: completion.model, usage: completion.usage, latency_ms };
      },
    );

    app.post(
      '/api/v1/generate/stream',
      {
        config,
        bodyLimit: GENERATION_LIMITS.bodyBytesMax,
        schema: {
          tags,
          summary: 'Stream a completion',
          description: STREAM_DESCRIPTION,
          headers: versionHeader,
          body: generateRequestSchema,
          response: { '4xx': errorBodySchema, '5xx': errorBodySchema },
        },
      },
      async (request, reply) => {
        const format = FORMATS[request.headers['x-stream-version']];
        if (!format) throw new AppError('VALIDATION_ERROR');
        const context = admission.admit(request, reply);
        const chat = toChatRequest(request.body);
        // The `start` event precedes the call of the model service, so an unknown model must be rejected here.
        const { id, warning } = format === 'events' ? await catalog.resolve(chat.model, context) : NOT_RESOLVED;
        if (warning !== null) reply.header('x-prodigon-warning', warning);
        return relayStream(chat, context, reply, { model, format, generationId: randomUUIDv7(), modelId: id, timings });
      },
    );
  };
}

function toChatRequest({ prompt, model, max_tokens, temperature, system_prompt, messages = [] }: GenerateRequest): ChatRequest {
  return {
    ...(model !== undefined && { model }),
    messages: [
      ...(system_prompt === undefined ? [] : [{ role: 'system' as const, content: system_prompt }]),
      ...messages,
      { role: 'user', content: prompt },
    ],
    ...(max_tokens !== undefined && { max_tokens }),
    ...(temperature !== undefined && { temperature }),
  };
}
