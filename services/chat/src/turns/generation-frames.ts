import { AppError, type ErrorCode } from '@prodigon/contracts';
import type { TurnEventData } from '@prodigon/contracts/conversations';
import { errorFrame, eventFrame, sseFrame } from '@prodigon/platform';
import type { GenerationEnd, ResponseMetadata, StoredGeneration } from '@prodigon/ports';

/** What the `start` event says about a generation, live or stored. */
export interface GenerationStart
  extends Pick<StoredGeneration, 'conversation' | 'userMessageId' | 'isContinuation' | 'messagePosition' | 'requestId'> {
  readonly generationId: string;
  readonly messageId: string;
  readonly model: string;
  readonly omittedMessages: number | null;
}

export type GenerationResult = Omit<GenerationEnd, 'parts'>;

export function startFrame(start: GenerationStart): string {
  const data: TurnEventData<'start'> = {
    generation_id: start.generationId,
    model: start.model,
    request_id: start.requestId,
    conversation: start.conversation,
    user_message_id: start.userMessageId,
    message_id: start.messageId,
    is_continuation: start.isContinuation,
    message_position: start.messagePosition,
    omitted_messages: start.omittedMessages,
  };
  return sseFrame('start', data, `${start.generationId}:0`);
}

/** Returns a `fallback` frame for each model that failed over to another one; empty if the requested model responded. */
export function fallbackFrames(requested: string, { model, attempts }: Pick<ResponseMetadata, 'model' | 'attempts'>): string {
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

/**
 * Returns the last frames of a stream whose reader has everything up to a position. A complete or stopped response ends with
 * `usage` and `done`, any other with `error`.
 */
export function endFrames(
  { generationId, model }: Pick<GenerationStart, 'generationId' | 'model'>,
  end: GenerationResult,
  { length, after }: { length: number; after: number },
): string {
  if (end.status !== 'done' && end.status !== 'stopped') return errorFrame('events', errorOf(end));
  const { usage, estimated, costUsd: cost_usd, latencyMs } = end;
  const done: TurnEventData<'done'> = {
    finish_reason: end.status === 'stopped' ? 'stopped' : (end.finishReason ?? 'stop'),
    ttft_ms: end.ttftMs ?? latencyMs ?? 0,
    latency_ms: latencyMs ?? 0,
    model: end.model ?? model,
    provider: end.provider ?? '',
    attempts: end.attempts,
  };
  let frames = '';
  if (usage && after < length + 1)
    frames += eventFrame('usage', { ...usage, estimated, cost_usd }, `${generationId}:${length + 1}`);
  if (after < length + 2) frames += eventFrame('done', done, `${generationId}:${length + 2}`);
  return frames;
}

function errorOf({ error }: GenerationResult): AppError {
  if (!error) return new AppError('RESPONSE_INTERRUPTED');
  return new AppError(error.code, error.message, { retryable: error.retryable });
}
