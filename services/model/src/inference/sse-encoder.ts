import type { ChatRequest } from '@prodigon/contracts';
import { eventFrame } from '@prodigon/platform';
import type { ContentEvent, StreamOptions } from '@prodigon/ports';
import type { FrameEncoder } from './frame-encoder.ts';
import { createChunkEncoder } from './openai-chunk-encoder.ts';
import { isContent } from './stream-stats.ts';

export function createFrameEncoder(request: ChatRequest, model: string, { format, generationId }: StreamOptions): FrameEncoder {
  if (format === 'chunks') {
    const includeUsage = request.stream_options?.include_usage === true;
    return createChunkEncoder({ id: generationId, model, includeUsage });
  }
  let sequence = 0;
  const encodeOne =
    format === 'tokens'
      ? (event: ContentEvent) => (event.type === 'text' ? `data: ${JSON.stringify(event.text)}\n\n` : '')
      : (event: ContentEvent) => typedFrame(event, `${generationId}:${++sequence}`);
  return {
    encode(batch) {
      let text = '';
      for (const event of batch) if (isContent(event)) text += encodeOne(event);
      return text;
    },
    finish: () => '',
    get sequence() {
      return sequence;
    },
  };
}

function typedFrame(event: ContentEvent, id: string): string {
  if (event.type === 'text') return eventFrame('token', event.text, id);
  if (event.type === 'reasoning') return eventFrame('reasoning', event.text, id);
  const { index, id: callId, name, argumentsDelta } = event;
  const data = { index, ...(callId && { id: callId }), ...(name && { name }), arguments_delta: argumentsDelta };
  return eventFrame('tool_call', data, id);
}
