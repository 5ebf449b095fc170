import { randomUUIDv7 } from 'node:crypto';
import { chatRequestSchema } from '@prodigon/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { recordUsage, reportMetadata } from '../generation/response-metadata.ts';
import { relayStream } from '../generation/stream-relay.ts';
import { OPENAI_BODY_BYTES_MAX, OPENAI_CONFIG, type OpenAiResourceOptions, sendJson } from './openai-api.ts';
import { OPENAI_ERRORS } from './openai-errors.ts';

const DESCRIPTION = [
  "Implements OpenAI's Chat Completions API. Fields that are not listed here are passed to the provider unchanged, and null means absent.",
  "With `stream: true` the response is a stream of server-sent events. Responses in OpenAI's format are passed on unchanged.",
].join('\n\n');

export function chatCompletionsRoutes({ model, admission, timings, prefix }: OpenAiResourceOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${prefix}/chat/completions`,
      {
        bodyLimit: OPENAI_BODY_BYTES_MAX,
        config: OPENAI_CONFIG,
        schema: {
          tags: ['openai'],
          summary: 'Create a chat completion',
          description: DESCRIPTION,
          body: chatRequestSchema,
          response: OPENAI_ERRORS,
        },
      },
      async (request, reply) => {
        const context = admission.admit(request, reply);
        const { body } = request;
        if (body.stream === true) {
          const generationId = `chatcmpl-${randomUUIDv7()}`;
          return relayStream(body, context, reply, { model, format: 'chunks', generationId, modelId: '', timings });
        }
        const completion = await model.complete(body, context);
        reportMetadata(reply, completion);
        recordUsage(request, completion);
        return sendJson(reply, completion.body);
      },
    );
  };
}
