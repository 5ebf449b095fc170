import { AppError, isRecord, isText, type MessageText, type ReportedUsage, readMessageText } from '@prodigon/contracts';
import type { ContentEvent } from '@prodigon/ports';
import { readUsage, usageChange } from './reported-usage.ts';
import {
  createToolCallNormalizer,
  isCustomCall,
  normalizeToolCalls,
  readIndex,
  type ToolCallDelta,
  type ToolCallNormalizer,
  toCallList,
} from './tool-call-normalizer.ts';

/** A chunk of a stream in the format that OpenAI's clients expect. */
export interface NormalizedChunk {
  readonly body: Record<string, unknown>;
  /** Whether `body` differs from what the provider sent. */
  readonly isChanged: boolean;
  /** The content of the first choice. */
  readonly content: readonly ContentEvent[];
  /** The finish reason of the first choice. */
  readonly finish: string | null;
  readonly usage: ReportedUsage | null;
}

/** The fields that all chunks of a response share. */
export interface ChunkHeader {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  readonly model: string;
}

export interface ChunkNormalizer {
  /** Returns null for a body that is not a chunk, e.g. a keep-alive. Throws `INFERENCE_ERROR` for a malformed one. */
  normalize(body: Record<string, unknown>): NormalizedChunk | null;
  /** Returns a chunk with empty arguments for each tool call without arguments, or null when every call has some. */
  completeToolCalls(): NormalizedChunk | null;
  /** Returns the last chunk of a response whose provider sent no finish reason. */
  createFinish(): NormalizedChunk;
}

interface ChoiceChange {
  readonly choice: Record<string, unknown>;
  readonly content: readonly ContentEvent[];
  readonly isChanged: boolean;
}

const CHUNK_OBJECT = 'chat.completion.chunk';

/**
 * Creates a normalizer of the chunks of one response. Text counts most: fields that only describe it are repaired or
 * dropped, and never fail the response. `fallback` is the header of a provider that sends none.
 */
export function createChunkNormalizer(fallback: ChunkHeader): ChunkNormalizer {
  const toolCalls = new Map<number, ToolCallNormalizer>();
  /** The first chunk with an id sets it. */
  let header: ChunkHeader | undefined;
  let hasToolCalls = false;

  function toolCallsOf(index: number): ToolCallNormalizer {
    const known = toolCalls.get(index) ?? createToolCallNormalizer();
    toolCalls.set(index, known);
    return known;
  }

  function normalizeDeltas(raw: readonly unknown[], index: number, isMessage: boolean): readonly ToolCallDelta[] {
    hasToolCalls ||= raw.length > 0;
    const calls = isMessage ? normalizeToolCalls(raw).map((call, position) => ({ index: position, ...call })) : raw;
    return toolCallsOf(index).normalize(calls);
  }

  function normalizeChoice(raw: Record<string, unknown>, position: number): ChoiceChange {
    const index = readChoiceIndex(raw.index) ?? position;
    const isMessage = !isRecord(raw.delta);
    const delta = isRecord(raw.delta) ? raw.delta : isRecord(raw.message) ? raw.message : { content: raw.text };
    const text = readMessageText(delta);
    const calls = normalizeDeltas(toCallList(delta.tool_calls), index, isMessage);
    const changes = {
      ...differing(delta, 'content', text.content),
      ...differing(delta, 'refusal', text.refusal),
      // Clients read `reasoning_content` where it exists.
      ...((delta.reasoning_content !== undefined || Array.isArray(delta.content)) &&
        differing(delta, 'reasoning_content', text.reasoning)),
      ...differing(delta, 'role', typeof delta.role === 'string' ? delta.role : undefined),
      ...(delta.tool_calls !== undefined &&
        delta.tool_calls !== null &&
        !isSameList(calls, delta.tool_calls) && {
          tool_calls: calls.length > 0 ? calls : undefined,
        }),
    };
    const finish_reason = isText(raw.finish_reason) ? raw.finish_reason : null;
    const isChanged =
      isMessage || raw.index !== index || (raw.finish_reason ?? null) !== finish_reason || Object.keys(changes).length > 0;
    const content = contentOf(text, { calls, logprobs: raw.logprobs, annotations: delta.annotations });
    if (!isChanged) return { choice: raw, content, isChanged };
    const { message: _message, text: _text, ...rest } = raw;
    return { choice: { ...rest, index, delta: { ...delta, ...changes }, finish_reason }, content, isChanged };
  }

  /** Returns the header fields of a chunk that deviate from those of the first chunk. */
  function headerChanges(body: Record<string, unknown>): object {
    if (!header) {
      // Some providers send the result of a content filter first, without an id.
      if (!isText(body.id) && !(Array.isArray(body.choices) && body.choices.length > 0)) return {};
      header = {
        id: isText(body.id) ? body.id : fallback.id,
        created: Number.isSafeInteger(body.created) ? (body.created as number) : fallback.created,
        model: isText(body.model) ? body.model : fallback.model,
      };
    }
    return {
      ...differing(body, 'id', header.id),
      ...differing(body, 'object', CHUNK_OBJECT),
      ...differing(body, 'created', header.created),
      ...differing(body, 'model', header.model),
    };
  }

  function isSameHeader({ id, object, created, model: name }: Record<string, unknown>): boolean {
    return id === header?.id && object === CHUNK_OBJECT && created === header?.created && name === header?.model;
  }

  function createChunk(choice: object, finish: string | null): NormalizedChunk {
    const choices = [{ index: 0, delta: {}, finish_reason: null, ...choice }];
    const body = { object: CHUNK_OBJECT, ...(header ?? fallback), choices };
    return { body, isChanged: true, content: [], finish, usage: null };
  }

  return {
    normalize(body) {
      if (header && isTextChunk(body) && isSameHeader(body)) return toUnchanged(body);
      const choices = Array.isArray(body.choices) ? body.choices.filter(isRecord) : [];
      const xGroq = isRecord(body.x_groq) ? body.x_groq : {};
      const usage = readUsage(body.usage);
      if (body.choices === undefined && !usage) return null;
      if (body.choices && !Array.isArray(body.choices)) throw malformedChunk();
      const changed = choices.map(normalizeChoice);
      const first = changed.find(({ choice }) => choice.index === 0);
      const changes = {
        ...headerChanges(body),
        ...(changed.some(({ isChanged }) => isChanged) || choices.length !== (body.choices as unknown[] | null)?.length
          ? { choices: changed.map(({ choice }) => choice) }
          : {}),
        ...usageChange(body.usage, usage),
      };
      return {
        body: { ...body, ...changes },
        isChanged: Object.keys(changes).length > 0,
        content: first?.content ?? [],
        finish: (first?.choice.finish_reason as string | null | undefined) ?? null,
        usage: usage ?? readUsage(xGroq.usage),
      };
    },
    completeToolCalls() {
      const calls = toolCalls.get(0)?.complete() ?? [];
      if (calls.length === 0) return null;
      return { ...createChunk({ delta: { tool_calls: calls } }, null), content: calls.map(toolCallEvent) };
    },
    createFinish() {
      const finish = hasToolCalls ? 'tool_calls' : 'stop';
      return createChunk({ finish_reason: finish }, finish);
    },
  };
}

/** The most choices that OpenAI allows. A provider that sends others cannot exhaust the memory. */
export const CHOICES_MAX = 128;

function readChoiceIndex(value: unknown): number | undefined {
  const index = readIndex(value);
  return index !== undefined && index < CHOICES_MAX ? index : undefined;
}

const CHOICE_FIELDS: ReadonlySet<string> = new Set(['index', 'delta', 'finish_reason', 'logprobs']);
const DELTA_FIELDS: ReadonlySet<string> = new Set(['role', 'content', 'refusal']);

interface TextChunk extends Record<string, unknown> {
  readonly choices: readonly [
    { delta: { content?: string | null; refusal?: string | null }; logprobs?: unknown; finish_reason?: string | null },
  ];
}

/** Returns whether a chunk is a piece of text of the first choice, the most common chunk, which needs no repair. */
function isTextChunk(body: Record<string, unknown>): body is TextChunk {
  const { choices, usage, x_groq } = body;
  if (!Array.isArray(choices) || choices.length !== 1 || x_groq !== undefined) return false;
  if (usage !== null && usage !== undefined) return false;
  const choice: unknown = choices[0];
  if (!hasOnlyFields(choice, CHOICE_FIELDS) || choice.index !== 0) return false;
  const { delta, finish_reason } = choice;
  if (!hasOnlyFields(delta, DELTA_FIELDS) || !isOptionalString(finish_reason) || finish_reason === '') return false;
  return isOptionalString(delta.role) && isOptionalString(delta.content) && isOptionalString(delta.refusal);
}

function hasOnlyFields(value: unknown, fields: ReadonlySet<string>): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  for (const field in value) if (!fields.has(field)) return false;
  return true;
}

function isOptionalString(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function toUnchanged(body: TextChunk): NormalizedChunk {
  const [{ delta, logprobs, finish_reason }] = body.choices;
  const content: ContentEvent[] = [];
  if (logprobs) addText(content, delta.content ?? '', logprobs);
  else if (delta.content) content.push({ type: 'text', text: delta.content });
  if (delta.refusal) content.push({ type: 'refusal', text: delta.refusal });
  return { body, isChanged: false, content, finish: finish_reason ?? null, usage: null };
}

function malformedChunk(): AppError {
  return new AppError('INFERENCE_ERROR', 'The model provider sent a frame of an unexpected shape.');
}

interface OtherContent {
  readonly calls: readonly ToolCallDelta[];
  readonly logprobs: unknown;
  readonly annotations: unknown;
}

function contentOf({ content, reasoning, refusal }: MessageText, { calls, logprobs, annotations }: OtherContent) {
  const events: ContentEvent[] = [];
  if (reasoning) events.push({ type: 'reasoning', text: reasoning });
  addText(events, content ?? '', logprobs);
  if (refusal) events.push({ type: 'refusal', text: refusal });
  if (Array.isArray(annotations)) {
    for (const annotation of annotations.filter(isRecord)) events.push({ type: 'annotation', annotation });
  }
  for (const call of calls) if (!isCustomCall(call)) events.push(toolCallEvent(call));
  return events;
}

/** Adds a text with the log probabilities of its tokens. A token can be a part of a character and have no text. */
function addText(events: ContentEvent[], text: string, logprobs: unknown): void {
  const tokens = isRecord(logprobs) && Array.isArray(logprobs.content) ? logprobs.content : [];
  if (tokens.length > 0) events.push({ type: 'text', text, logprobs: tokens });
  else if (text !== '') events.push({ type: 'text', text });
}

function toolCallEvent({ index, id, function: called }: ToolCallDelta): ContentEvent {
  return { type: 'tool_call', index, id, name: called.name, argumentsDelta: called.arguments };
}

/** Returns `{[field]: expected}` when the field has another value. Null equals a missing field. */
function differing(body: Record<string, unknown>, field: string, expected: unknown): object {
  return (body[field] ?? undefined) === expected ? {} : { [field]: expected };
}

function isSameList(list: readonly unknown[], other: unknown): boolean {
  return Array.isArray(other) && list.length === other.length && list.every((each, position) => each === other[position]);
}
