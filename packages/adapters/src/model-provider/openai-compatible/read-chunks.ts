import { AppError } from '@prodigon/contracts';
import type { ProviderEvent } from '@prodigon/ports';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type ChunkBody, chunkBodySchema } from './bodies.ts';

/** One frame may not be larger, in characters: else a provider could fill our memory. */
const FRAME_CHARACTERS_MAX = 1 << 20;

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
  const parser = createParser({ onEvent });

  function onEvent({ data }: EventSourceMessage): void {
    pendingCharacters = 0;
    if (isDone || failure || data === '') return;
    if (data === '[DONE]') isDone = true;
    else {
      const chunk = parseChunk(data);
      if (chunk instanceof AppError) failure = chunk;
      else events.push(...eventsOf(chunk));
    }
  }

  return {
    read(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      pendingCharacters += text.length;
      parser.feed(text);
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
  const chunk = chunkBodySchema.safeParse(body);
  if (!chunk.success) return malformed('a frame of another form', chunk.error);
  if (chunk.data.error !== undefined && chunk.data.error !== null) {
    return new AppError('INFERENCE_ERROR', 'The model provider failed in the middle of its answer.', { cause: chunk.data.error });
  }
  return chunk.data;
}

function eventsOf({ choices, usage }: ChunkBody): ProviderEvent[] {
  const events: ProviderEvent[] = [];
  // We ask for one choice; another would be a second answer mixed into the first.
  const choice = choices.find(({ index }) => index === 0);
  const { content, reasoning_content, reasoning, tool_calls } = choice?.delta ?? {};
  const thought = reasoning_content ?? reasoning;
  if (thought) events.push({ type: 'reasoning', text: thought });
  if (content) events.push({ type: 'text', text: content });
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
  if (usage) events.push({ type: 'usage', usage });
  return events;
}

function malformed(what: string, cause?: unknown): AppError {
  return new AppError('INFERENCE_ERROR', `The model provider sent ${what}.`, { cause });
}
