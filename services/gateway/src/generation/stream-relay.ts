import type { ChatRequest } from '@prodigon/contracts';
import { createSseWriter, errorFrame, eventFrame, finalFrames, recordFailure } from '@prodigon/platform';
import type { CallContext, ModelClient, StreamFormat } from '@prodigon/ports';
import type { FastifyReply } from 'fastify';
import { fallbackFrames } from './fallback-frames.ts';
import { recordSource, sourceHeaders } from './response-metadata.ts';

export interface StreamTimings {
  /** How often a silent stream says that it lives, in milliseconds. */
  readonly heartbeatMs: number;
  /** After which the default profile sends its headers even without content, in milliseconds. */
  readonly openAfterMs: number;
}

export interface RelayOptions {
  model: ModelClient;
  format: StreamFormat;
  generationId: string;
  /** Told in the `start` event, which goes out before the model service has answered. */
  modelId: string;
  timings: StreamTimings;
}

/**
 * Passes one answer on as it comes. Until the headers are out a failure is thrown, and becomes an
 * ordinary HTTP error; afterwards it is the stream's last frame.
 */
export async function relayStream(
  chat: ChatRequest,
  context: CallContext,
  reply: FastifyReply,
  options: RelayOptions,
): Promise<FastifyReply> {
  const { model, format, generationId, modelId, timings } = options;
  const { request } = reply;
  const writer = createSseWriter(reply, { heartbeatMs: timings.heartbeatMs });
  const opening = setTimeout(open, timings.openAfterMs);
  function open(): void {
    clearTimeout(opening);
    if (!writer.isOpen) writer.open();
  }
  try {
    if (format === 'events') {
      open();
      await writer.write(
        eventFrame('start', { generation_id: generationId, model: modelId, request_id: context.requestId }, `${generationId}:0`),
      );
    }
    const stream = await model.stream(chat, context, { format, generationId });
    recordSource(request, stream);
    if (!writer.isOpen) reply.headers(sourceHeaders(stream, request));
    open();
    if (format === 'events') await writer.write(fallbackFrames(modelId, stream));
    for await (const bytes of stream.bytes()) {
      // Waiting for nothing would still cost each token a turn.
      const caughtUp = writer.write(bytes);
      if (caughtUp) await caughtUp;
    }

    const outcome = await stream.outcome;
    const { finish, usage, estimated, costUsd: cost_usd, timings: measured } = outcome;
    Object.assign(request.record, { finish, usage, estimated, cost_usd, ttft_ms: measured.ttftMs });
    writer.end({ frame: finalFrames(format, { generationId, metadata: stream, outcome }) });
  } catch (thrown) {
    if (!writer.isOpen) throw thrown;
    writer.end({ frame: errorFrame(format, recordFailure(request, thrown)) });
  } finally {
    clearTimeout(opening);
  }
  return reply;
}
