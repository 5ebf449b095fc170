import type { ProviderEvent, RawChunk } from '@prodigon/ports';
import type { FrameEncoder } from './frame-encoder.ts';
import { isContent } from './stream-stats.ts';

export interface ChunkEncoderOptions {
  /** Of chunks that we make ourselves, e.g. `chatcmpl-…`. */
  id: string;
  model: string;
  /** Whether the caller asked for the usage (`stream_options.include_usage`). */
  includeUsage: boolean;
}

interface ChunkHead {
  readonly id: unknown;
  readonly object: string;
  readonly created: unknown;
  readonly model: unknown;
}

/** Inside of a text its quotes would be escaped, so this is never a part of one. */
const NULL_USAGE = ',"usage":null';

/**
 * OpenAI's chunks. What a provider sent in that format goes out as it came, but for two things: a usage that the caller
 * did not ask for is taken out, and what OpenAI's clients rely on is added where the provider left it out (the role at
 * the beginning, the usage at the end).
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function createChunkEncoder({ id, model, includeUsage }: ChunkEncoderOptions): FrameEncoder {
  let head: ChunkHead = { id, object: 'chat.completion.chunk', created: Math.floor(Date.now() / 1_000), model };
  let newest: RawChunk | undefined;
  let isFirst = true;
  let hasToldUsage = false;

  const frame = (json: string) => `data: ${json}\n\n`;
  const chunkOf = (delta: object, finish_reason: string | null = null) =>
    frame(JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }] }));
  const opening = () => chunkOf({ role: 'assistant', content: '' });

  function encodeRaw(chunk: RawChunk): string {
    newest = chunk;
    if (!chunk.hasChoices && chunk.usage === 'told') {
      hasToldUsage = includeUsage;
      return includeUsage ? frame(chunk.json) : '';
    }
    let text = '';
    if (isFirst && chunk.hasChoices) {
      isFirst = false;
      if (!chunk.hasRole) {
        head = headOf(chunk, head);
        text = opening();
      }
    }
    return text + frame(includeUsage ? chunk.json : withoutUsage(chunk));
  }

  function encodeOwn(event: ProviderEvent): string {
    let text = '';
    if (isFirst && (isContent(event) || event.type === 'finish')) {
      isFirst = false;
      text = opening();
    }
    if (event.type === 'text') return text + chunkOf({ content: event.text });
    if (event.type === 'reasoning') return text + chunkOf({ reasoning_content: event.text });
    if (event.type === 'finish') return text + chunkOf({}, event.reason);
    if (event.type !== 'tool_call') return text;
    const { index, id, name, argumentsDelta } = event;
    const called = { ...(name !== undefined && { name }), arguments: argumentsDelta };
    return text + chunkOf({ tool_calls: [{ index, ...(id !== undefined && { id, type: 'function' }), function: called }] });
  }

  return {
    encode(batch) {
      let text = '';
      for (const event of batch) {
        if (event.type === 'chunk') text += encodeRaw(event.chunk);
        else if (!newest) text += encodeOwn(event);
      }
      return text;
    },
    finish(usage) {
      if (!includeUsage || hasToldUsage) return '';
      if (newest) head = headOf(newest, head);
      return frame(JSON.stringify({ ...head, choices: [], usage }));
    },
    sequence: 0,
  };
}

/** What all chunks of one answer have in common, as this provider fills it in. */
function headOf({ json }: RawChunk, fallback: ChunkHead): ChunkHead {
  const { id = fallback.id, created = fallback.created, model = fallback.model } = JSON.parse(json);
  return { id, object: fallback.object, created, model };
}

function withoutUsage({ json, usage }: RawChunk): string {
  if (usage === 'absent') return json;
  if (usage === 'null' && json.includes(NULL_USAGE)) return json.replace(NULL_USAGE, '');
  const { usage: _, ...rest } = JSON.parse(json);
  return JSON.stringify(rest);
}
