import { AppError } from '@prodigon/contracts';
import type { ProviderEvent, RawChunk } from '@prodigon/ports';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type ChunkTemplate, createChunkTemplate } from './chunk-template.ts';
import { type ChunkBody, chunkBodySchema, readTextChunk } from './provider-responses.ts';

/** The maximum size of a frame in characters, so that a provider cannot exhaust the memory. */
const FRAME_CHARACTERS_MAX = 1 << 20;
const FIELD = 'data: ';
const FRAME_END = '\n\n';

export interface ChunkReader {
  /** Returns the events in `bytes`, up to a failure. */
  read(bytes: Uint8Array): ProviderEvent[];
  /** `INFERENCE_ERROR` after a frame that is an error or not a chunk. Events before it remain valid. */
  readonly failure: AppError | undefined;
  /** Whether the provider has sent `[DONE]`. */
  readonly isDone: boolean;
}

/** Creates a reader of OpenAI's stream of chat completion chunks. Reads may end at any byte of the stream. */
export function createChunkReader(): ChunkReader {
  const decoder = new TextDecoder();
  let events: ProviderEvent[] = [];
  let isDone = false;
  let failure: AppError | undefined;
  let pendingCharacters = 0;
  let template: ChunkTemplate | undefined;
  /** Whether the parser holds no incomplete frame. */
  let isBetweenFrames = true;
  const parser = createParser({ onEvent });

  function onEvent({ data }: EventSourceMessage): void {
    pendingCharacters = 0;
    if (isDone || failure || data === '') return;
    if (data === '[DONE]') isDone = true;
    else if (!readByTemplate(data)) {
      const chunk = parseChunk(data);
      if (chunk instanceof AppError) failure = chunk;
      else add(data, chunk);
    }
  }

  /** Reads frames that match the template, without the parser. Returns the position of the first other frame. */
  function readFramesByTemplate(text: string): number {
    let at = 0;
    while (text.startsWith(FIELD, at)) {
      const end = text.indexOf(FRAME_END, at);
      if (end < 0 || !readByTemplate(text.slice(at + FIELD.length, end))) break;
      at = end + FRAME_END.length;
    }
    return at;
  }

  function readByTemplate(data: string): boolean {
    const text = template?.matchText(data) ?? null;
    if (!template || text === null) return false;
    // Naming the fields is several times as fast as a spread.
    const { usage, hasChoices, hasRole } = template.metadata;
    events.push({ type: 'chunk', chunk: { json: data, usage, hasChoices, hasRole } });
    if (text !== '') events.push({ type: 'text', text });
    return true;
  }

  function add(data: string, chunk: ChunkBody): void {
    const raw = rawChunkOf(data, chunk);
    const added = eventsOf(chunk);
    events.push({ type: 'chunk', chunk: raw }, ...added);
    const [only, ...others] = added;
    if (only?.type !== 'text' || others.length > 0 || raw.json !== data) return;
    const { usage, hasChoices, hasRole } = raw;
    template = createChunkTemplate(data, only.text, { usage, hasChoices, hasRole }) ?? template;
  }

  return {
    read(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      const start = isBetweenFrames && !isDone && !failure ? readFramesByTemplate(text) : 0;
      if (start < text.length) {
        const rest = text.slice(start);
        pendingCharacters += rest.length;
        parser.feed(rest);
        isBetweenFrames = rest.endsWith(FRAME_END);
        if (isBetweenFrames) pendingCharacters = 0;
      }
      if (pendingCharacters > FRAME_CHARACTERS_MAX) failure ??= malformedError('a frame that is too large');
      const read = events;
      events = [];
      return read;
    },
    get failure() {
      return failure;
    },
    get isDone() {
      return isDone;
    },
  };
}

function parseChunk(data: string): ChunkBody | AppError {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch (cause) {
    return malformedError('a frame that is not JSON', cause);
  }
  const textChunk = readTextChunk(body);
  if (textChunk) return textChunk;
  const chunk = chunkBodySchema.safeParse(body);
  if (!chunk.success) return malformedError('a frame of an unexpected shape', chunk.error);
  const error = chunk.data.error ?? chunk.data.x_groq?.error;
  if (error !== undefined && error !== null) {
    return new AppError('INFERENCE_ERROR', 'The model provider failed in the middle of its response.', { cause: error });
  }
  return chunk.data;
}

function rawChunkOf(data: string, { choices, usage }: ChunkBody): RawChunk {
  return {
    // Data over several lines contains line breaks, which would end the client's frame.
    json: data.includes('\n') ? JSON.stringify(JSON.parse(data)) : data,
    usage: usage === undefined ? 'absent' : usage === null ? 'null' : 'present',
    hasChoices: choices.length > 0,
    hasRole: typeof choices[0]?.delta?.role === 'string',
  };
}

function eventsOf({ choices, usage, x_groq }: ChunkBody): ProviderEvent[] {
  const events: ProviderEvent[] = [];
  // Requests specify one choice. A second one would be mixed into the first response.
  const choice = choices.find(({ index }) => index === 0);
  const { content, reasoning_content, reasoning, refusal, tool_calls } = choice?.delta ?? {};
  const thought = reasoning_content ?? reasoning;
  if (thought) events.push({ type: 'reasoning', text: thought });
  if (content) events.push({ type: 'text', text: content });
  // For clients that read text, a refusal is the response.
  if (refusal) events.push({ type: 'text', text: refusal });
  for (const call of tool_calls ?? []) {
    const { index, id, function: called } = call;
    events.push({
      type: 'tool_call',
      index,
      id: id ?? undefined,
      name: called?.name ?? undefined,
      argumentsDelta: called?.arguments ?? '',
    });
  }
  if (choice?.finish_reason) events.push({ type: 'finish', reason: choice.finish_reason });
  const reported = usage ?? x_groq?.usage;
  if (reported) events.push({ type: 'usage', usage: reported });
  return events;
}

function malformedError(description: string, cause?: unknown): AppError {
  return new AppError('INFERENCE_ERROR', `The model provider sent ${description}.`, { cause });
}
