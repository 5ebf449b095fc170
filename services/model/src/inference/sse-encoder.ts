import type { ChatRequest, Usage } from '@prodigon/contracts';
import { eventFrame } from '@prodigon/platform';
import type { ContentEvent, ProviderEvent, RawChunk, StreamOptions } from '@prodigon/ports';

/** Encodes the events of a provider as server-sent events in the format that the client requested. */
export interface SseEncoder {
  /** Returns the frames of a batch as one text; empty when the format omits all of them. */
  encode(batch: readonly ProviderEvent[]): string;
  /** Returns the frames that follow the last content. */
  finish(reported: { readonly usage: Usage; readonly estimated: boolean }): string;
  /** The number of the last content frame, counted from 1, in formats that number frames. */
  readonly sequence: number;
}

export function createSseEncoder(request: ChatRequest, model: string, { format, generationId }: StreamOptions): SseEncoder {
  if (format === 'chunks') {
    const includeUsage = request.stream_options?.include_usage === true;
    return createOpenAiChunkEncoder({ id: generationId, model, includeUsage });
  }
  let sequence = 0;
  const encoders = {
    tokens: (event: ContentEvent) => (isText(event) ? dataFrame(event.text) : ''),
    events: (event: ContentEvent) => (isTyped(event) ? typedFrame(event, `${generationId}:${++sequence}`) : ''),
    content: dataFrame,
  };
  const encodeContent = encoders[format];
  return {
    encode(batch) {
      let frames = '';
      for (const event of batch) if (isContent(event)) frames += encodeContent(event);
      return frames;
    },
    finish: () => '',
    get sequence() {
      return sequence;
    },
  };
}

export function isContent(event: ProviderEvent): event is ContentEvent {
  return event.type !== 'chunk' && event.type !== 'finish' && event.type !== 'usage';
}

function dataFrame(data: ContentEvent | string): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** Returns whether a plain-text client reads the event as text. */
function isText(event: ContentEvent): event is Extract<ContentEvent, { type: 'text' | 'refusal' }> {
  return (event.type === 'text' && event.text !== '') || event.type === 'refusal';
}

type TypedContent = Exclude<ContentEvent, { type: 'annotation' }>;

function isTyped(event: ContentEvent): event is TypedContent {
  return isText(event) || event.type === 'reasoning' || event.type === 'tool_call';
}

function typedFrame(event: TypedContent, id: string): string {
  if (event.type === 'text' || event.type === 'refusal') return eventFrame('token', event.text, id);
  if (event.type === 'reasoning') return eventFrame('reasoning', event.text, id);
  const { index, id: callId, name, argumentsDelta } = event;
  const data = { index, ...(callId && { id: callId }), ...(name && { name }), arguments_delta: argumentsDelta };
  return eventFrame('tool_call', data, id);
}

export interface OpenAiChunkEncoderOptions {
  /** The id of chunks that Prodigon creates, e.g. `chatcmpl-…`. */
  id: string;
  model: string;
  /** Whether the client requested the usage (`stream_options.include_usage`). */
  includeUsage: boolean;
}

interface ChunkHeader {
  readonly id: unknown;
  readonly object: string;
  readonly created: unknown;
  readonly model: unknown;
}

/** JSON strings escape quotes, so text content never contains this sequence. */
const NULL_USAGE = ',"usage":null';

/**
 * Creates an encoder of OpenAI chunks. Chunks that the provider sends in this format pass unchanged, with two
 * exceptions. Usage that the client did not request is removed. Fields that OpenAI's clients require are added: the role
 * in the first chunk, and the requested usage in the last.
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function createOpenAiChunkEncoder({ id, model, includeUsage }: OpenAiChunkEncoderOptions): SseEncoder {
  let header: ChunkHeader = { id, object: 'chat.completion.chunk', created: Math.floor(Date.now() / 1_000), model };
  let lastRaw: RawChunk | undefined;
  let isFirst = true;
  let hasSentUsage = false;

  const frame = (json: string) => `data: ${json}\n\n`;
  const chunkFrame = (delta: object, finish_reason: string | null = null) =>
    frame(
      JSON.stringify({
        ...header,
        choices: [{ index: 0, delta, logprobs: null, finish_reason }],
        // OpenAI sends null in every chunk before the usage. After the usage, null would replace it in clients.
        ...(includeUsage && !hasSentUsage && { usage: null }),
      }),
    );
  const roleFrame = () => chunkFrame({ role: 'assistant', content: '' });

  function encodeRaw(chunk: RawChunk): string {
    lastRaw = chunk;
    if (!chunk.hasChoices && chunk.usage === 'present') {
      hasSentUsage = includeUsage;
      return includeUsage ? frame(chunk.json) : '';
    }
    let frames = '';
    if (isFirst && chunk.hasChoices) {
      isFirst = false;
      if (!chunk.hasRole) {
        header = headerOf(chunk, header);
        frames = roleFrame();
      }
    }
    return frames + frame(includeUsage ? chunk.json : withoutUsage(chunk));
  }

  function encodeEvent(event: ProviderEvent): string {
    let frames = '';
    if (isFirst && (isContent(event) || event.type === 'finish')) {
      isFirst = false;
      frames = roleFrame();
    }
    if (event.type === 'text') return frames + chunkFrame({ content: event.text });
    if (event.type === 'refusal') return frames + chunkFrame({ refusal: event.text });
    if (event.type === 'reasoning') return frames + chunkFrame({ reasoning_content: event.text });
    if (event.type === 'finish') return frames + chunkFrame({}, event.reason);
    if (event.type !== 'tool_call') return frames;
    const { index, id: callId, name, argumentsDelta } = event;
    const called = { ...(name !== undefined && { name }), arguments: argumentsDelta };
    const call = { index, ...(callId !== undefined && { id: callId, type: 'function' }), function: called };
    return frames + chunkFrame({ tool_calls: [call] });
  }

  return {
    encode(batch) {
      let frames = '';
      for (const event of batch) {
        if (event.type === 'chunk') frames += encodeRaw(event.chunk);
        else if (!lastRaw) frames += encodeEvent(event);
      }
      return frames;
    },
    finish({ usage, estimated }) {
      if (!includeUsage || hasSentUsage) return '';
      if (lastRaw) header = headerOf(lastRaw, header);
      return frame(JSON.stringify({ ...header, choices: [], usage: { ...usage, ...(estimated && { estimated }) } }));
    },
    sequence: 0,
  };
}

/** Returns the fields that all chunks of a response share, with the provider's values. */
function headerOf({ json }: RawChunk, fallback: ChunkHeader): ChunkHeader {
  const { id = fallback.id, created = fallback.created, model = fallback.model } = JSON.parse(json);
  return { id, object: fallback.object, created, model };
}

function withoutUsage({ json, usage }: RawChunk): string {
  if (usage === 'absent') return json;
  if (usage === 'null' && json.includes(NULL_USAGE)) return json.replace(NULL_USAGE, '');
  const { usage: _, ...rest } = JSON.parse(json);
  return JSON.stringify(rest);
}
