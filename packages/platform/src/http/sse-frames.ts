import { type AppError, type StreamEventData, type StreamEventName, toOpenAiError } from '@prodigon/contracts';
import type { GenerationOutcome, ResponseMetadata, StreamFormat } from '@prodigon/ports';

/** Formats one server-sent event. JSON contains no raw line break, so no text can forge a frame. */
export function sseFrame(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Formats one typed event of a generation. */
export function eventFrame<Name extends StreamEventName>(event: Name, data: StreamEventData<Name>, id?: string): string {
  return sseFrame(event, data, id);
}

export interface StreamEnd {
  readonly generationId: string;
  readonly metadata: ResponseMetadata;
  readonly outcome: GenerationOutcome;
}

/** Formats the end of a stream that succeeded: `usage` and `done` for typed events, `[DONE]` for the other formats. */
export function finalFrames(format: StreamFormat, { generationId, metadata, outcome }: StreamEnd): string {
  if (format !== 'events') return 'data: [DONE]\n\n';
  const { usage, estimated, costUsd: cost_usd, timings, finish, sequence } = outcome;
  const done = {
    finish_reason: finish ?? 'stop',
    ttft_ms: round(timings.ttftMs ?? timings.totalMs),
    latency_ms: round(timings.totalMs),
    model: metadata.model,
    provider: metadata.provider,
    attempts: metadata.attempts.length,
    ...(metadata.cache && { cache: metadata.cache }),
  };
  return (
    eventFrame('usage', { ...usage, estimated, cost_usd }, `${generationId}:${sequence + 1}`) +
    eventFrame('done', done, `${generationId}:${sequence + 2}`)
  );
}

/** Formats the end of a stream that failed. */
export function errorFrame(format: StreamFormat, error: AppError): string {
  if (format === 'tokens') return `data: [ERROR] ${error.publicMessage.replace(/[\r\n]+/g, ' ')}\n\n`;
  if (format === 'chunks') return `data: ${JSON.stringify(toOpenAiError(error).body)}\n\n`;
  const { code, publicMessage: message, retryable, publicRetryAfterSeconds: seconds } = error;
  return eventFrame('error', { code, message, retryable, ...(seconds !== undefined && { retry_after_seconds: seconds }) });
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

const FRAME_END = Buffer.from('\n\n');

/**
 * Yields the chunks of a stream of server-sent events in complete frames, so that a frame can be written after any of them.
 * Buffers an incomplete frame, and drops it when the stream ends.
 */
export async function* splitAtFrameBoundary(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Buffer | undefined;
  for await (const chunk of body) {
    const bytes = rest ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(FRAME_END);
    if (end < 0) {
      rest = bytes;
      continue;
    }
    const boundary = end + FRAME_END.length;
    rest = boundary === bytes.length ? undefined : bytes.subarray(boundary);
    yield bytes.subarray(0, boundary);
  }
}
