import { AppError, isRecord } from '@prodigon/contracts';
import type { ProviderEvent, RawChunk } from '@prodigon/ports';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type ChunkHeader, createChunkNormalizer, type NormalizedChunk } from './chunk-normalizer.ts';
import { type ChunkTemplate, createChunkTemplate } from './chunk-template.ts';
import { errorFromBody, redactUnknown } from './provider-errors.ts';
import { binaryError } from './provider-responses.ts';
import type { ReasonRedactor } from './refusal-reason.ts';

/** The maximum size of a frame in characters, so that a provider cannot exhaust the memory. */
const FRAME_CHARACTERS_MAX = 1 << 20;
/** The maximum size of a response in one JSON body. */
const BODY_CHARACTERS_MAX = 8 << 20;
const FIELD = 'data: ';
const FRAME_END = '\n\n';
const DONE = /^\s*"?\[DONE\]"?\s*$/i;
const LINE_END = /\r\n|\r|\n/;
const FIELD_PATTERN = /^\s*data:/;
/** The events of frames that contain chunks or errors. */
const CHUNK_EVENTS: ReadonlySet<string> = new Set(['message', 'error']);

export interface ChunkReader {
  /** Returns the events in `bytes`, up to a failure. */
  read(bytes: Uint8Array): ProviderEvent[];
  /** Returns the events that only the end of the response completes. Call it once, after the last byte. */
  end(): ProviderEvent[];
  /** The failure after a frame that is an error or not a chunk. Events before it remain valid. */
  readonly failure: AppError | undefined;
  /** Whether the provider has sent `[DONE]`, so that no event follows. */
  readonly isDone: boolean;
}

/**
 * Creates a reader of OpenAI's stream of chat completion chunks. Reads may end at any byte of the stream. It also reads
 * a response in one JSON body, which some providers send instead of a stream. `fallback` is the header of chunks that have none.
 */
export function createChunkReader(fallback: ChunkHeader, redact: ReasonRedactor = redactUnknown): ChunkReader {
  const decoder = new TextDecoder();
  const normalizer = createChunkNormalizer(fallback);
  let events: ProviderEvent[] = [];
  let isDone = false;
  let hasFinish = false;
  let hasChoices = false;
  /** Whether the provider has closed the stream. */
  let isEnding = false;
  let valueCount = 0;
  let failure: AppError | undefined;
  let pendingCharacters = 0;
  let template: ChunkTemplate | undefined;
  /** Whether the parser holds no incomplete frame. */
  let isBetweenFrames = true;
  let format: 'unknown' | 'stream' | 'body' = 'unknown';
  /** The characters of a JSON body. */
  let buffered = '';
  const parser = createParser({ onEvent });

  function onEvent({ event, data }: EventSourceMessage): void {
    pendingCharacters = 0;
    if (isDone || failure || data === '') return;
    if (!readByTemplate(data)) readFrame(data, event);
  }

  /** Ends a response normally, with or without a finish reason. */
  function finish(): void {
    if (!hasFinish) {
      addEmptyArguments();
      add(normalizer.createFinish());
    }
    isDone = true;
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

  function readFrame(data: string, event?: string): void {
    if (DONE.test(data)) {
      finish();
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch (cause) {
      readOtherFrame(data, event, cause);
      return;
    }
    readValue(value, data, event);
  }

  /** Reads a frame that is not one JSON value: several of them, one per line, or a notice such as `event: ping`. */
  function readOtherFrame(data: string, event: string | undefined, cause: unknown): void {
    const lines = data.split(LINE_END).filter((line) => line.trim() !== '');
    const isNotice = event !== undefined && !CHUNK_EVENTS.has(event) && !/^\s*[[{]/.test(data);
    if (lines.length < 2) {
      // The last frame of an interrupted stream is truncated. The finish reason decides whether the response is complete.
      if (!isNotice && !isEnding) failure = malformedError('a frame that is not JSON', cause);
      return;
    }
    for (const line of lines) {
      if (isDone || failure) return;
      // Without an event, a line that is not JSON is a failure.
      readFrame(line.replace(FIELD_PATTERN, ''));
    }
  }

  /** Reads a value. Anything but a chunk, or a list of them, is a keep-alive. */
  function readValue(value: unknown, data: string | undefined, event: string | undefined): void {
    if (Array.isArray(value)) {
      for (const each of value) if (!failure) readValue(each, undefined, event);
    } else if (isRecord(value)) readBody(value, data, event === 'error');
  }

  function readBody(body: Record<string, unknown>, data: string | undefined, isError: boolean): void {
    valueCount++;
    const xGroq = isRecord(body.x_groq) ? body.x_groq : {};
    failure = errorFromBody(isError && !body.error ? { error: body } : body, redact) ?? errorFromBody(xGroq, redact);
    if (failure) return;
    if (body.error) {
      // Clients throw any error that a chunk has.
      const { error: _empty, ...rest } = body;
      readBody(rest, undefined, false);
      return;
    }
    let chunk: NormalizedChunk | null;
    try {
      chunk = normalizer.normalize(body);
    } catch (thrown) {
      failure = AppError.from(thrown);
      return;
    }
    if (!chunk) return;
    if (chunk.finish !== null) {
      hasFinish = true;
      addEmptyArguments();
    }
    add(chunk, data);
    if (data !== undefined && !chunk.isChanged) updateTemplate(data, chunk);
  }

  function addEmptyArguments(): void {
    const chunk = normalizer.completeToolCalls();
    if (chunk) add(chunk);
  }

  function add(chunk: NormalizedChunk, data?: string): void {
    const raw = toRawChunk(chunk, data);
    hasChoices ||= raw.hasChoices;
    // Without choices and usage, nothing is left of a chunk with a malformed usage.
    if (raw.hasChoices || raw.usage === 'present' || !chunk.isChanged) events.push({ type: 'chunk', chunk: raw });
    events.push(...chunk.content);
    if (chunk.finish !== null) events.push({ type: 'finish', reason: chunk.finish });
    if (chunk.usage) events.push({ type: 'usage', usage: chunk.usage });
  }

  function updateTemplate(data: string, { content, body, finish, usage }: NormalizedChunk): void {
    const [only, ...others] = content;
    if (only?.type !== 'text' || only.logprobs || others.length > 0 || finish !== null || usage !== null || data.includes('\n'))
      return;
    template = createChunkTemplate(data, only.text, metadataOf(body)) ?? template;
  }

  function readStream(text: string): void {
    const start = isBetweenFrames && !isDone && !failure ? readFramesByTemplate(text) : 0;
    if (start < text.length) {
      const rest = text.slice(start);
      pendingCharacters += rest.length;
      parser.feed(rest);
      isBetweenFrames = rest.endsWith(FRAME_END);
      if (isBetweenFrames) pendingCharacters = 0;
    }
    if (pendingCharacters > FRAME_CHARACTERS_MAX) failure ??= malformedError('a frame that is too large');
  }

  /** Detects the format from the first character, because providers mislabel their responses. */
  function readUnknown(text: string): void {
    // Some providers send white space until the model responds. The parser would take it for a part of the first field.
    const start = text.trimStart();
    const first = start.at(0);
    if (first === undefined) return;
    format = first === '{' || first === '[' ? 'body' : 'stream';
    if (first === '<') failure = malformedError('a page instead of a stream');
    failure ??= binaryError(start);
    if (failure) return;
    if (format === 'body') bufferBody(start);
    else readStream(start);
  }

  function bufferBody(text: string): void {
    buffered += text;
    if (buffered.length > BODY_CHARACTERS_MAX) failure ??= malformedError('a response that is too large');
  }

  function takeEvents(): ProviderEvent[] {
    const taken = events;
    events = [];
    return taken;
  }

  return {
    read(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      if (format === 'stream') readStream(text);
      else if (format === 'body') bufferBody(text);
      else readUnknown(text);
      return takeEvents();
    },
    end() {
      if (format === 'body' && !failure) {
        readFrame(buffered);
        if (!hasChoices) failure ??= malformedError('a response that is not a completion');
        // Several values are chunks, so that a finish reason must be among them.
        else if (!failure && valueCount === 1) finish();
      }
      // Some providers end the last frame without an empty line.
      else if (format === 'stream' && !isBetweenFrames) {
        isEnding = true;
        readStream(FRAME_END);
      }
      buffered = '';
      return takeEvents();
    },
    get failure() {
      return failure;
    },
    get isDone() {
      return isDone;
    },
  };
}

function toRawChunk({ body, isChanged }: NormalizedChunk, data?: string): RawChunk {
  // Data over several lines contains line breaks, which would end the client's frame.
  const isReusable = data !== undefined && !isChanged && !data.includes('\n') && !data.includes('\r');
  return { json: isReusable ? data : JSON.stringify(body), ...metadataOf(body) };
}

function metadataOf({ choices, usage }: Record<string, unknown>): Omit<RawChunk, 'json'> {
  const [first] = choices as { delta?: { role?: unknown } }[];
  return {
    usage: usage === undefined ? 'absent' : usage === null ? 'null' : 'present',
    hasChoices: first !== undefined,
    hasRole: typeof first?.delta?.role === 'string',
  };
}

function malformedError(description: string, cause?: unknown): AppError {
  return new AppError('INFERENCE_ERROR', `The model provider sent ${description}.`, { cause });
}
