import { randomUUIDv7 } from 'node:crypto';
import type { AppError, ChatRequest } from '@prodigon/contracts';
import { responseScope, sseFrame, streamSse } from '@prodigon/platform';
import type { CallContext, ModelClient, ResponseMetadata } from '@prodigon/ports';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { chatDemand } from '../../admission/generation-demand.ts';
import { namingFields } from '../../generation/naming-fields.ts';
import { recordUsage, reportMetadata } from '../../generation/response-metadata.ts';
import type { StreamTimings } from '../../generation/stream-relay.ts';
import { OPENAI_BODY_BYTES_MAX, OPENAI_CONFIG, type OpenAiResourceOptions, sendJson } from '../openai-api.ts';
import { readTools } from './request-tools.ts';
import { contentOfCompletion } from './response-content.ts';
import { createResponseEvents, type ResponseEvent, type ResponseEvents } from './response-events.ts';
import { createResponse, type ResponseObject } from './response-object.ts';
import { createResponseOperation } from './responses.operations.ts';
import { toResponsesParam } from './responses-param.ts';
import { type ResponsesRequest, responsesRequestSchema } from './responses-request.ts';
import { toChatRequestInTurns } from './to-chat-request.ts';

interface ResponseCall {
  request: ResponsesRequest;
  chat: ChatRequest;
  model: Pick<ModelClient, 'complete' | 'stream'>;
  context: CallContext;
  reply: FastifyReply;
  generationId: string;
  /** The end of the ids of the response and its items: the generation id without hyphens. */
  idSuffix: string;
  events: ResponseEvents;
}

/** `POST <prefix>/responses` */
export function responsesRoutes({ model, admission, timings, prefix }: OpenAiResourceOptions): FastifyPluginAsyncZod {
  const caller = namingFields(model, toResponsesParam);
  return async (app) => {
    app.post(
      `${prefix}/responses`,
      {
        bodyLimit: OPENAI_BODY_BYTES_MAX,
        config: { ...OPENAI_CONFIG, operation: createResponseOperation },
        schema: { body: responsesRequestSchema },
      },
      async (request, reply) => {
        const { body } = request;
        const tools = readTools(body);
        const chat = await toChatRequestInTurns(body, tools);
        const context = await admission.admit(
          request,
          responseScope(reply),
          chatDemand(chat, { isStream: body.stream === true }),
        );
        if (tools.ignoredTypes.length > 0) reply.header('x-prodigon-ignored-tools', tools.ignoredTypes.join(', '));
        const generationId = randomUUIDv7();
        const idSuffix = generationId.replaceAll('-', '');
        const events = createResponseEvents(idSuffix, tools.names);
        const call = { request: body, chat, model: caller, context, reply, generationId, idSuffix, events };
        return body.stream ? streamResponse(call, timings) : sendResponse(call);
      },
    );
  };
}

/** Sends a non-streaming response. Its items equal the final items of a stream with the same content. */
async function sendResponse({ model, chat, context, reply, ...call }: ResponseCall): Promise<FastifyReply> {
  const completion = await model.complete(chat, context);
  reportMetadata(reply, completion);
  recordUsage(reply.request, completion);
  const response = call.events.whole(initialResponse(call, completion), contentOfCompletion(completion), completion);
  return sendJson(reply, JSON.stringify(response));
}

/** Streams the events of one response. A failure before the headers is thrown and becomes an ordinary HTTP error. */
function streamResponse({ model, chat, context, reply, ...call }: ResponseCall, timings: StreamTimings): Promise<FastifyReply> {
  const { events, generationId } = call;
  const errorFrame = (failure: AppError) => framesOf(events.fail(failure));
  return streamSse(reply, { ...timings, errorFrame }, async (sse) => {
    const stream = await model.stream(chat, context, { format: 'content', generationId });
    reportMetadata(reply, stream);
    sse.open();
    await sse.write(framesOf(events.start(initialResponse(call, stream))));
    for await (const content of stream.events()) {
      const drained = sse.write(framesOf(events.add(content)));
      if (drained) await drained;
    }

    const outcome = await stream.outcome;
    recordUsage(reply.request, outcome);
    await sse.write(framesOf(events.complete(outcome)));
  });
}

function initialResponse(
  { request, idSuffix }: Pick<ResponseCall, 'request' | 'idSuffix'>,
  { model }: ResponseMetadata,
): ResponseObject {
  return createResponse(request, { id: `resp_${idSuffix}`, model, createdAtMs: Date.now() });
}

function framesOf(events: readonly ResponseEvent[]): string {
  return events.map((event) => sseFrame(event.type, event)).join('');
}
