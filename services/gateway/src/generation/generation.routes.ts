import { randomUUIDv7 } from 'node:crypto';
import {
  AppError,
  GENERATION_LIMITS,
  generateFieldOf,
  generateRequestSchema,
  generateResponseSchema,
  generateToChat,
} from '@prodigon/contracts';
import { responseScope } from '@prodigon/platform';
import type { ModelClient, StreamFormat } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AdmissionControl } from '../admission/admission-control.ts';
import { chatDemand } from '../admission/generation-demand.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { createCompletion, streamCompletion } from './generation.operations.ts';
import { namingFields } from './naming-fields.ts';
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

export function generationRoutes({ model, catalog, admission, timings }: GenerationRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;

  return async (app) => {
    app.post(
      '/api/v1/generate',
      {
        config: { ...config, isIdempotent: true, operation: createCompletion },
        bodyLimit: GENERATION_LIMITS.bodyBytesMax,
        schema: { body: generateRequestSchema, response: { 200: generateResponseSchema } },
      },
      async (request, reply) => {
        const { body } = request;
        const chat = generateToChat(body);
        const context = await admission.admit(request, responseScope(reply), chatDemand(chat, { isStream: false }));
        const caller = namingFields(model, (field) => generateFieldOf(body, field));
        const completion = await caller.complete(chat, context);
        reportMetadata(reply, completion);
        recordUsage(request, completion);
        const latency_ms = Math.round((performance.now() - request.arrivedAt) * 100) / 100;
        return { text: completion.text, model: completion.model, usage: completion.usage, latency_ms };
      },
    );

    app.post(
      '/api/v1/generate/stream',
      {
        config: { ...config, operation: streamCompletion },
        bodyLimit: GENERATION_LIMITS.bodyBytesMax,
        schema: { headers: versionHeader, body: generateRequestSchema },
      },
      async (request, reply) => {
        const format = FORMATS[request.headers['x-stream-version']];
        if (!format) throw new AppError('VALIDATION_ERROR');
        const chat = generateToChat(request.body);
        const context = await admission.admit(request, responseScope(reply), chatDemand(chat, { isStream: true }));
        const caller = namingFields(model, (field) => generateFieldOf(request.body, field));
        // The `start` event precedes the call of the model service, so an unknown model must be rejected here.
        const { id, warning } = format === 'events' ? await catalog.resolve(chat.model, context) : NOT_RESOLVED;
        if (warning !== null) reply.header('x-prodigon-warning', warning);
        return relayStream(chat, context, reply, {
          model: caller,
          format,
          generationId: randomUUIDv7(),
          modelId: id,
          timings,
        });
      },
    );
  };
}
