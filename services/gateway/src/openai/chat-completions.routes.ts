import { randomUUIDv7 } from 'node:crypto';
import { chatRequestSchema } from '@prodigon/contracts';
import { responseScope } from '@prodigon/platform';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { chatDemand } from '../admission/generation-demand.ts';
import { recordUsage, reportMetadata } from '../generation/response-metadata.ts';
import { relayStream } from '../generation/stream-relay.ts';
import { createChatCompletion } from './chat-completions.operations.ts';
import { OPENAI_BODY_BYTES_MAX, OPENAI_CONFIG, type OpenAiResourceOptions, sendJson } from './openai-api.ts';

export function chatCompletionsRoutes({ model, admission, timings, prefix }: OpenAiResourceOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${prefix}/chat/completions`,
      {
        bodyLimit: OPENAI_BODY_BYTES_MAX,
        config: { ...OPENAI_CONFIG, operation: createChatCompletion },
        schema: { body: chatRequestSchema },
      },
      async (request, reply) => {
        const { body } = request;
        const context = await admission.admit(
          request,
          responseScope(reply),
          chatDemand(body, { isStream: body.stream === true }),
        );
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
