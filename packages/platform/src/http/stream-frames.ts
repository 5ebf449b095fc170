import type { AppError, StreamEventData, StreamEventName } from '@prodigon/contracts';
import type { ContentEvent, GenerationOutcome, StreamFormat } from '@prodigon/ports';

/** One event as an SSE frame. JSON holds no raw line break, so no text can forge a frame. */
export function serverSentEvent(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** One typed event of an answer. */
export function eventFrame<Name extends StreamEventName>(event: Name, data: StreamEventData<Name>, id?: string): string {
  return serverSentEvent(event, data, id);
}

/** Encodes content, numbering its frames from 1. */
export interface FrameEncoder {
  /** All the frames of a batch as one text; empty when the format leaves them out. */
  encode(batch: readonly ContentEvent[]): string;
  /** The number of the last frame. */
  readonly sequence: number;
}

export function createFrameEncoder(format: StreamFormat, generationId: string): FrameEncoder {
  let sequence = 0;
  const encodeOne: Record<StreamFormat, (event: ContentEvent) => string> = {
    tokens: (event) => (event.type === 'text' ? `data: ${JSON.stringify(event.text)}\n\n` : ''),
    events: (event) => {
      sequence += 1;
      const id = `${generationId}:${sequence}`;
      if (event.type === 'text') return eventFrame('token', event.text, id);
      if (event.type === 'reasoning') return eventFrame('reasoning', event.text, id);
      const { index, id: callId, name, argumentsDelta } = event;
      return eventFrame(
        'tool_call',
        { index, ...(callId && { id: callId }), ...(name && { name }), arguments_delta: argumentsDelta },
        id,
      );
    },
  };
  const encode = encodeOne[format];
  return {
    encode(batch) {
      let text = '';
      for (const event of batch) text += encode(event);
      return text;
    },
    get sequence() {
      return sequence;
    },
  };
}

/** What ends a stream that went well: nothing but `[DONE]` in the default profile, `usage` and `done` in the typed one. */
export function endFrames(format: StreamFormat, generationId: string, outcome: GenerationOutcome): string {
  if (format === 'tokens') return 'data: [DONE]\n\n';
  const { usage, estimated, timings, finish, sequence } = outcome;
  const done = {
    finish_reason: finish ?? 'stop',
    ttft_ms: round(timings.ttftMs ?? timings.totalMs),
    latency_ms: round(timings.totalMs),
  };
  return (
    eventFrame('usage', { ...usage, estimated }, `${generationId}:${sequence + 1}`) +
    eventFrame('done', done, `${generationId}:${sequence + 2}`)
  );
}

/** What ends a stream that failed. */
export function errorFrame(format: StreamFormat, error: AppError): string {
  if (format === 'tokens') return `data: [ERROR] ${error.message.replace(/[\r\n]+/g, ' ')}\n\n`;
  return eventFrame('error', { code: error.code, message: error.message, retryable: error.retryable });
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
