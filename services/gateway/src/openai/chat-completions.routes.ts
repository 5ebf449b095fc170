import { randomUUIDv7 } from 'node:crypto';
import { chatRequestSchema } from '@prodigon/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { recordSource, sourceHeaders } from '../generation/response-metadata.ts';
import { relayStream } from '../generation/stream-relay.ts';
import { OPENAI_ERRORS } from './openai-errors.ts';
import type { OpenAiPartOptions } from './openai-options.ts';
import { OPENAI_BODY_BYTES_MAX } from './openai-prefixes.ts';
import { sendJson } from './send-json.ts';

const DESCRIPTION = [
  'Fields that are not described here go to the provider as they are: tools, response_format, seed, logprobs, …',
  "With `stream` server-sent events as OpenAI sends them. What a provider answers in OpenAI's format is passed on unchanged.",
].join('\n\n');

export function chatCompletionsRoutes({ model, admit, timings, prefix }: OpenAiPartOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${prefix}/chat/completions`,
      {
        bodyLimit: OPENAI_BODY_BYTES_MAX,
        config: { access: 'caller' },
        schema: {
          tags: ['openai'],
          summary: 'Chat completions as OpenAI has them',
          description: DESCRIPTION,
          body: chatRequestSchema,
          response: OPENAI_ERRORS,
        },
      },
      async (request, reply) => {
        const context = admit(request, reply);
        const { body } = request;
        if (body.stream === true) {
          const generationId = `chatcmpl-${randomUUIDv7()}`;
          return relayStream(body, context, reply, { model, format: 'chunks', generationId, modelId: '', timings });
        }
        const completion = await model.complete(body, context);
        recordSource(request, completion);
        const { finish, usage, estimated, costUsd: cost_usd } = completion;
        Object.assign(request.record, { finish, usage, estimated, cost_usd });
        reply.headers(sourceHeaders(completion, request));
        return sendJson(reply, completion.body);
      },
    );
  };
}
