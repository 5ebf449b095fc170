import { randomUUIDv7 } from 'node:crypto';
import type { ChatRequest } from '@prodigon/contracts';
import { createSseWriter, recordFailure, sseFrame } from '@prodigon/platform';
import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyReply } from 'fastify';
import { recordSource, sourceHeaders } from '../../generation/response-metadata.ts';
import type { StreamTimings } from '../../generation/stream-relay.ts';
import { createResponseEvents, type ResponseEvent, type ResponseEvents } from './response-events.ts';
import { beginResponse, type ResponseObject } from './response-object.ts';
import type { ResponsesRequest } from './responses-request.ts';

/** One call: what was asked, of whom, and where the answer goes. */
export interface ResponseCall {
  request: ResponsesRequest;
  chat: ChatRequest;
  model: ModelClient;
  context: CallContext;
  reply: FastifyReply;
}

/** The whole answer at once. */
export async function completeInOnePiece(call: ResponseCall): Promise<ResponseObject> {
  const generationId = randomUUIDv7();
  const events = createResponseEvents(itemBase(generationId));
  return answer(call, generationId, events, () => {});
}

/** The answer as it is made. Until the headers are out a failure is thrown, and becomes an ordinary HTTP error. */
export async function relayResponse(call: ResponseCall, { heartbeatMs, openAfterMs }: StreamTimings): Promise<FastifyReply> {
  const { reply } = call;
  const generationId = randomUUIDv7();
  const events = createResponseEvents(itemBase(generationId));
  const writer = createSseWriter(reply, { heartbeatMs });
  const opening = setTimeout(open, openAfterMs);
  function open(): void {
    clearTimeout(opening);
    if (!writer.isOpen) writer.open();
  }
  try {
    await answer(call, generationId, events, (told) => {
      open();
      return writer.write(framesOf(told));
    });
    writer.end();
  } catch (thrown) {
    if (!writer.isOpen) throw thrown;
    writer.end({ frame: framesOf(events.fail(recordFailure(reply.request, thrown))) });
  } finally {
    clearTimeout(opening);
  }
  return reply;
}

async function answer(
  { request, chat, model, context, reply }: ResponseCall,
  generationId: string,
  events: ResponseEvents,
  tell: (events: readonly ResponseEvent[]) => Promise<void> | void,
): Promise<ResponseObject> {
  const { record } = reply.request;
  const stream = await model.stream(chat, context, { format: 'events', generationId });
  recordSource(reply.request, stream);
  if (!reply.sent) reply.headers(sourceHeaders(stream, reply.request));
  const id = `resp_${itemBase(generationId)}`;
  const begun = beginResponse(request, { id, model: stream.model, createdAtMs: Date.now() });
  await tell(events.begin(begun));
  for await (const content of stream.events()) await tell(events.take(content));

  const outcome = await stream.outcome;
  const { finish, usage, estimated, costUsd: cost_usd, timings } = outcome;
  Object.assign(record, { finish, usage, estimated, cost_usd, ttft_ms: timings.ttftMs });
  await tell(events.complete(outcome));
  return events.response ?? begun;
}

const itemBase = (generationId: string) => generationId.replaceAll('-', '');

function framesOf(events: readonly ResponseEvent[]): string {
  return events.map((event) => sseFrame(event.type, event)).join('');
}
