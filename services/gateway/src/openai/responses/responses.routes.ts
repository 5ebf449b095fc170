import { randomUUIDv7 } from 'node:crypto';
import type { AppError, ChatRequest } from '@prodigon/contracts';
import { sseFrame, streamSse } from '@prodigon/platform';
import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { recordUsage, reportMetadata } from '../../generation/response-metadata.ts';
import type { StreamTimings } from '../../generation/stream-relay.ts';
import { OPENAI_BODY_BYTES_MAX, OPENAI_CONFIG, type OpenAiResourceOptions, sendJson } from '../openai-api.ts';
import { OPENAI_ERRORS } from '../openai-errors.ts';
import { createResponseEvents, type ResponseEvent, type ResponseEvents } from './response-events.ts';
import { createResponse, type ResponseObject } from './response-object.ts';
import { type ResponsesRequest, responsesRequestSchema } from './responses-request.ts';
import { toChatRequest } from './to-chat-request.ts';

interface ResponseCall {
  request: ResponsesRequest;
  chat: ChatRequest;
  model: ModelClient;
  context: CallContext;
  reply: FastifyReply;
  generationId: string;
  events: ResponseEvents;
}

const DESCRIPTION = [
  "Implements OpenAI's Responses API for every model: text, images, functions, structured output and reasoning.",
  'Responses are not stored. Send the whole conversation as `input` with each request. Only tools of the type `function` are supported.',
  'With `stream: true` the response is a stream of server-sent events, numbered by `sequence_number`. It ends with `response.completed`, `response.incomplete` or `response.failed`.',
].join('\n\n');

/** `POST <prefix>/responses` */
export function responsesRoutes({ model, admission, timings, prefix }: OpenAiResourceOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      `${prefix}/responses`,
      {
        bodyLimit: OPENAI_BODY_BYTES_MAX,
        config: OPENAI_CONFIG,
        schema: {
          tags: ['openai'],
          summary: 'Create a response',
          description: DESCRIPTION,
          body: responsesRequestSchema,
          response: OPENAI_ERRORS,
        },
      },
      async (request, reply) => {
        const { body } = request;
        const chat = toChatRequest(body);
        const context = admission.admit(request, reply);
        const generationId = randomUUIDv7();
        const events = createResponseEvents(toIdSuffix(generationId));
        const call = { request: body, chat, model, context, reply, generationId, events };
        if (body.stream) return streamResponse(call, timings);
        return sendJson(reply, JSON.stringify(await generateResponse(call, () => {})));
      },
    );
  };
}

/** Ids of a response and its items end with the generation id without hyphens. */
function toIdSuffix(generationId: string): string {
  return generationId.replaceAll('-', '');
}

/** Streams the events of one response. A failure before the headers is thrown and becomes an ordinary HTTP error. */
function streamResponse(call: ResponseCall, timings: StreamTimings): Promise<FastifyReply> {
  const errorFrame = (failure: AppError) => framesOf(call.events.fail(failure));
  return streamSse(call.reply, { ...timings, errorFrame }, async (sse) => {
    await generateResponse(call, (events) => {
      sse.open();
      return sse.write(framesOf(events));
    });
  });
}

/** Generates one response and calls `emit` with its events. Returns the final response object. */
async function generateResponse(
  { request, chat, model, context, reply, generationId, events }: ResponseCall,
  emit: (events: readonly ResponseEvent[]) => Promise<void> | void,
): Promise<ResponseObject> {
  const stream = await model.stream(chat, context, { format: 'events', generationId });
  reportMetadata(reply, stream);
  const initial = createResponse(request, {
    id: `resp_${toIdSuffix(generationId)}`,
    model: stream.model,
    createdAtMs: Date.now(),
  });
  await emit(events.start(initial));
  for await (const content of stream.events()) await emit(events.add(content));

  const outcome = await stream.outcome;
  recordUsage(reply.request, outcome);
  await emit(events.complete(outcome));
  return events.response ?? initial;
}

function framesOf(events: readonly ResponseEvent[]): string {
  return events.map((event) => sseFrame(event.type, event)).join('');
}
