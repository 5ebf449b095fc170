import type { ChatRequest, ErrorCode } from '@prodigon/contracts';
import { errorFrame, eventFrame, finalFrames, streamSse } from '@prodigon/platform';
import type { CallContext, ModelClient, ResponseMetadata, StreamFormat } from '@prodigon/ports';
import type { FastifyReply } from 'fastify';
import { recordUsage, reportMetadata } from './response-metadata.ts';

export interface StreamTimings {
  /** Milliseconds without output between two keep-alive comments. */
  readonly heartbeatMs: number;
  /** Milliseconds after which the headers are sent even without content. */
  readonly openAfterMs: number;
}

export interface StreamRelayOptions {
  model: Pick<ModelClient, 'stream'>;
  format: StreamFormat;
  generationId: string;
  /** The model id of the `start` event, which is sent before the model service responds. */
  modelId: string;
  timings: StreamTimings;
}

/**
 * Streams one completion to the client. A failure before the headers is thrown and becomes an ordinary HTTP error;
 * a later failure becomes the last frame of the stream.
 */
export function relayStream(
  chat: ChatRequest,
  context: CallContext,
  reply: FastifyReply,
  { model, format, generationId, modelId, timings }: StreamRelayOptions,
): Promise<FastifyReply> {
  return streamSse(reply, { ...timings, errorFrame: (failure) => errorFrame(format, failure) }, async (sse) => {
    if (format === 'events') {
      const start = { generation_id: generationId, model: modelId, request_id: context.requestId };
      sse.open();
      await sse.write(eventFrame('start', start, `${generationId}:0`));
    }
    const stream = await model.stream(chat, context, { format, generationId });
    reportMetadata(reply, stream);
    sse.open();
    if (format === 'events') await sse.write(fallbackFrames(modelId, stream));
    await sse.pipe(stream.bytes());

    const outcome = await stream.outcome;
    recordUsage(reply.request, outcome);
    return { frame: finalFrames(format, { generationId, metadata: stream, outcome }) };
  });
}

/** Returns a `fallback` frame for each model that failed over to another one; empty if the requested model responded. */
function fallbackFrames(requested: string, { model, attempts }: ResponseMetadata): string {
  let frames = '';
  let from = requested;
  // A model whose circuit breaker is open is skipped without an attempt.
  let reason: ErrorCode = 'SERVICE_UNAVAILABLE';
  for (const attempt of [...attempts, { model, error: null }]) {
    if (attempt.model !== from) {
      frames += eventFrame('fallback', { from, to: attempt.model, reason });
      from = attempt.model;
    }
    reason = attempt.error ?? reason;
  }
  return frames;
}
