import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { OPENAI_ERRORS } from '../openai-errors.ts';
import type { OpenAiPartOptions } from '../openai-options.ts';
import { OPENAI_BODY_BYTES_MAX } from '../openai-prefixes.ts';
import { sendJson } from '../send-json.ts';
import { completeInOnePiece, relayResponse } from './relay-response.ts';
import { responsesRequestSchema } from './responses-request.ts';
import { toChatRequest } from './to-chat-request.ts';

const DESCRIPTION = [
  "OpenAI's Responses API over any model: texts, images, functions, structured output and reasoning.",
  'Nothing is stored, so the whole conversation is sent as `input` each time, and only functions are taken as tools.',
  'With `stream: true` server-sent events with a `sequence_number`, up to `response.completed`, `response.incomplete` or `response.failed`.',
].join('\n\n');

/** POST `<prefix>/responses`. A failure before the first content is thrown, for the server to put in OpenAI's words. */
export function responsesRoutes({ model, admit, timings, prefix }: OpenAiPartOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${prefix}/responses`,
      {
        bodyLimit: OPENAI_BODY_BYTES_MAX,
        config: { access: 'caller' },
        schema: {
          tags: ['openai'],
          summary: 'Responses as OpenAI has them, without storing any',
          description: DESCRIPTION,
          body: responsesRequestSchema,
          response: OPENAI_ERRORS,
        },
      },
      async (request, reply) => {
        const { body } = request;
        const chat = toChatRequest(body);
        const call = { request: body, chat, model, context: admit(request, reply), reply };
        if (body.stream) return relayResponse(call, timings);
        return sendJson(reply, JSON.stringify(await completeInOnePiece(call)));
      },
    );
  };
}
