import { AppError } from '@prodigon/contracts';
import type { ProviderEvent, RawChunk } from '@prodigon/ports';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type ChunkTemplate, chunkTemplateOf } from './chunk-template.ts';
import { type ChunkBody, chunkBodySchema } from './response-bodies.ts';
import { usualChunkOf } from './usual-chunk.ts';

/** One frame may not be larger, in characters: else a provider could fill our memory. */
const FRAME_CHARACTERS_MAX = 1 << 20;
const FIELD = 'data: ';
const FRAME_END = '\n\n';

export interface ChunkReader {
  /** The events in what has arrived, up to a failure. */
  read(bytes: Uint8Array): ProviderEvent[];
  /** `INFERENCE_ERROR` once something came that is no chunk, or an error in place of one. What came before it still counts. */
  readonly failure: AppError | undefined;
  /** Whether the provider has said that this was all. */
  readonly isDone: boolean;
}

/** Reads OpenAI's stream of chat completion chunks, however the network has cut it. */
export function createChunkReader(): ChunkReader {
  const decoder = new TextDecoder();
  let events: ProviderEvent[] = [];
  let isDone = false;
  let failure: AppError | undefined;
  let pendingCharacters = 0;
  let template: ChunkTemplate | undefined;
  /** Whether the parser holds no part of a frame. */
  let isBetweenFrames = true;
  const parser = createParser({ onEvent });

  function onEvent({ data }: EventSourceMessage): void {
    pendingCharacters = 0;
    if (isDone || failure || data === '') return;
    if (data === '[DONE]') isDone = true;
    else if (!readAsBefore(data)) {
      const chunk = parseChunk(data);
      if (chunk instanceof AppError) failure = chunk;
      else add(data, chunk);
    }
  }

  /** Reads frames like those before for as long as there are any, without the parser; returns where they end in the text. */
  function readFramesAsBefore(text: string): number {
    let at = 0;
    while (text.startsWith(FIELD, at)) {
      const end = text.indexOf(FRAME_END, at);
      if (end < 0 || !readAsBefore(text.slice(at + FIELD.length, end))) break;
      at = end + FRAME_END.length;
    }
    return at;
  }

  function readAsBefore(data: string): boolean {
    const text = template?.textOf(data) ?? null;
    if (!template || text === null) return false;
    // Field by field, which is several times as fast as a spread.
    const { usage, hasChoices, hasRole } = template.facts;
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
    template = chunkTemplateOf(data, only.text, { usage, hasChoices, hasRole }) ?? template;
  }

  return {
    read(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      const start = isBetweenFrames && !isDone && !failure ? readFramesAsBefore(text) : 0;
      if (start < text.length) {
        const rest = text.slice(start);
        pendingCharacters += rest.length;
        parser.feed(rest);
        isBetweenFrames = rest.endsWith(FRAME_END);
        if (isBetweenFrames) pendingCharacters = 0;
      }
      if (pendingCharacters > FRAME_CHARACTERS_MAX) failure ??= malformed('a frame that is too large');
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
    return malformed('a frame that is not JSON', cause);
  }
  const usual = usualChunkOf(body);
  if (usual) return usual;
  const chunk = chunkBodySchema.safeParse(body);
  if (!chunk.success) return malformed('a frame of another form', chunk.error);
  const error = chunk.data.error ?? chunk.data.x_groq?.error;
  if (error !== undefined && error !== null) {
    return new AppError('INFERENCE_ERROR', 'The model provider failed in the middle of its answer.', { cause: error });
  }
  return chunk.data;
}

function rawChunkOf(data: string, { choices, usage }: ChunkBody): RawChunk {
  return {
    // Data over several lines has line breaks in it, which would end a frame of ours.
    json: data.includes('\n') ? JSON.stringify(JSON.parse(data)) : data,
    usage: usage === undefined ? 'absent' : usage === null ? 'null' : 'told',
    hasChoices: choices.length > 0,
    hasRole: typeof choices[0]?.delta?.role === 'string',
  };
}

function eventsOf({ choices, usage, x_groq }: ChunkBody): ProviderEvent[] {
  const events: ProviderEvent[] = [];
  // We ask for one choice; another would be a second answer mixed into the first.
  const choice = choices.find(({ index }) => index === 0);
  const { content, reasoning_content, reasoning, refusal, tool_calls } = choice?.delta ?? {};
  const thought = reasoning_content ?? reasoning;
  if (thought) events.push({ type: 'reasoning', text: thought });
  if (content) events.push({ type: 'text', text: content });
  // What a model says instead of an answer is its answer to who reads text.
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
  const used = usage ?? x_groq?.usage;
  if (used) events.push({ type: 'usage', usage: used });
  return events;
}

function malformed(what: string, cause?: unknown): AppError {
  return new AppError('INFERENCE_ERROR', `The model provider sent ${what}.`, { cause });
}
