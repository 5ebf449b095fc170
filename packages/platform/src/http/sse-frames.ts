import { type AppError, type StreamEventData, type StreamEventName, toOpenAiError } from '@prodigon/contracts';
import type { GenerationOutcome, ResponseMetadata, StreamFormat } from '@prodigon/ports';

/** One event as an SSE frame. JSON holds no raw line break, so no text can forge a frame. */
export function sseFrame(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** One typed event of an answer. */
export function eventFrame<Name extends StreamEventName>(event: Name, data: StreamEventData<Name>, id?: string): string {
  return sseFrame(event, data, id);
}

/** What an answer needs to be told at its end. */
export interface StreamEnd {
  readonly generationId: string;
  readonly metadata: ResponseMetadata;
  readonly outcome: GenerationOutcome;
}

/** What ends a stream that went well: `usage` and `done` in the typed profile, else nothing but `[DONE]`. */
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
  };
  return (
    eventFrame('usage', { ...usage, estimated, cost_usd }, `${generationId}:${sequence + 1}`) +
    eventFrame('done', done, `${generationId}:${sequence + 2}`)
  );
}

/** What ends a stream that failed. */
export function errorFrame(format: StreamFormat, error: AppError): string {
  if (format === 'tokens') return `data: [ERROR] ${error.message.replace(/[\r\n]+/g, ' ')}\n\n`;
  if (format === 'chunks') return `data: ${JSON.stringify(toOpenAiError(error).body)}\n\n`;
  return eventFrame('error', { code: error.code, message: error.message, retryable: error.retryable });
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
