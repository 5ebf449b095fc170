import { isRecord, isText, readMessageText } from '@prodigon/contracts';
import type { ProviderCompletion, ProviderEvent } from '@prodigon/ports';
import type { ChunkHeader } from './chunk-normalizer.ts';
import { errorFromBody, redactUnknown } from './provider-errors.ts';
import { malformedResponse } from './provider-responses.ts';
import type { ReasonRedactor } from './refusal-reason.ts';
import { readUsage, usageChange } from './reported-usage.ts';
import { createChunkReader } from './sse-chunk-reader.ts';
import { normalizeToolCalls, readIndex, toCallList } from './tool-call-normalizer.ts';

/**
 * Reads a `chat.completion`. Text counts most: fields that only describe it are repaired in the body, and never fail the
 * response. Throws when the body is not a completion. `fallback` is the header of a provider that sends none.
 */
export function readCompletion(text: string, fallback: ChunkHeader, redact: ReasonRedactor = redactUnknown): ProviderCompletion {
  const start = text.trimStart();
  // Some providers send a stream although none was requested.
  if (/^(?:data|event|id|retry|:)/.test(start)) return readStreamedCompletion(start, fallback, redact);
  const body = parseBody(start);
  // Others send one chunk per line.
  if (body === undefined) return readStreamedCompletion(start, fallback, redact);
  if (Array.isArray(body) && body.length === 1) return readCompletion(JSON.stringify(body[0]), fallback, redact);
  if (!isRecord(body)) throw malformedResponse();
  const failure = errorFromBody(body, redact);
  if (failure) throw failure;
  const common = readCommonCompletion(body);
  return common ? { ...common, body: start } : normalizeCompletion(body, start, fallback);
}

/** Parses a body. Returns undefined for several JSON values, one per line. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (/^\{.*\}[ \t]*\r?\n\s*\{/.test(text)) return undefined;
    throw malformedResponse(cause);
  }
}

/** Reads the most common form, which needs no repair. Returns null for any other form. */
function readCommonCompletion(body: Record<string, unknown>): Omit<ProviderCompletion, 'body'> | null {
  const { choices } = body;
  if (!Array.isArray(choices) || choices.length !== 1 || body.error) return null;
  const { message, finish_reason: finish, index } = choices[0] ?? {};
  if (!isRecord(message) || index !== 0 || !isText(finish) || !isText(body.id) || !isText(body.model)) return null;
  const { content, tool_calls, reasoning_content } = message;
  if (reasoning_content !== undefined && !isText(reasoning_content)) return null;
  if (typeof content !== 'string' || (tool_calls !== undefined && tool_calls !== null) || message.role !== 'assistant')
    return null;
  const usage = readUsage(body.usage);
  const hasCounts = usage && !usage.isPartial && usageChange(body.usage, usage).usage === undefined;
  return hasCounts ? { text: content, finish, usage, choice: choices[0] } : null;
}

function normalizeCompletion(body: Record<string, unknown>, text: string, fallback: ChunkHeader): ProviderCompletion {
  const choices = Array.isArray(body.choices) ? body.choices.filter(isRecord) : [];
  const normalized = choices.map(normalizeChoice);
  const [first] = normalized;
  if (!first) throw malformedResponse();
  const usage = readUsage(body.usage) ?? readUsage(isRecord(body.x_groq) ? body.x_groq.usage : undefined);
  const changes = {
    ...(!isText(body.id) && { id: fallback.id }),
    ...(!isText(body.model) && { model: fallback.model }),
    ...(body.object !== 'chat.completion' && { object: 'chat.completion' }),
    ...(!Number.isSafeInteger(body.created) && { created: fallback.created }),
    ...(normalized.some(({ isChanged }) => isChanged) ? { choices: normalized.map(({ choice }) => choice) } : {}),
    ...(body.error ? { error: undefined } : {}),
    // The platform adds an estimate.
    ...(body.usage === null && { usage: undefined }),
    ...usageChange(body.usage, usage),
  };
  const isChanged = Object.keys(changes).length > 0;
  const { text: content, finish, choice } = first;
  return { text: content, finish, usage, choice, body: isChanged ? JSON.stringify({ ...body, ...changes }) : text };
}

function normalizeChoice(raw: Record<string, unknown>, position: number) {
  const message = isRecord(raw.message) ? raw.message : isRecord(raw.delta) ? raw.delta : { content: raw.text };
  const { content, refusal, reasoning } = readMessageText(message);
  const rawCalls = toCallList(message.tool_calls);
  const calls = normalizeToolCalls(rawCalls);
  const finish = isText(raw.finish_reason) ? raw.finish_reason : calls.length > 0 ? 'tool_calls' : 'stop';
  const changes = {
    ...(message.role !== 'assistant' && { role: 'assistant' }),
    ...((message.content ?? undefined) !== content && { content: content ?? null }),
    ...((message.refusal ?? undefined) !== refusal && { refusal: refusal ?? null }),
    ...(reasoning !== undefined &&
      message.reasoning_content !== reasoning &&
      (message.reasoning_content !== undefined || Array.isArray(message.content)) && { reasoning_content: reasoning }),
    ...((calls.some((call, index) => call !== rawCalls[index]) || isRecord(message.tool_calls)) && { tool_calls: calls }),
  };
  const index = readIndex(raw.index) ?? position;
  const isChanged =
    message !== raw.message || index !== raw.index || finish !== raw.finish_reason || Object.keys(changes).length > 0;
  const { delta: _delta, text: _text, ...rest } = raw;
  return {
    // For clients that read text, a refusal is the response.
    text: content || refusal || '',
    finish,
    isChanged,
    choice: isChanged ? { ...rest, index, message: { ...message, ...changes }, finish_reason: finish } : raw,
  };
}

/** Assembles a completion from a stream. */
function readStreamedCompletion(text: string, fallback: ChunkHeader, redact: ReasonRedactor): ProviderCompletion {
  const reader = createChunkReader(fallback, redact);
  const events = [...reader.read(Buffer.from(`${text}\n\n`)), ...reader.end()];
  if (reader.failure) throw reader.failure;
  const joined = (type: 'text' | 'reasoning' | 'refusal') =>
    events.map((event) => (event.type === type ? event.text : '')).join('');
  const finish = events.findLast((event) => event.type === 'finish')?.reason;
  if (finish === undefined) throw malformedResponse();
  const usage = events.findLast((event) => event.type === 'usage')?.usage ?? null;
  const chunk = events.find((event) => event.type === 'chunk')?.chunk.json ?? '{}';
  const { id, created, model }: Partial<ChunkHeader> = JSON.parse(chunk);
  const [content, reasoning_content, refusal] = [joined('text'), joined('reasoning'), joined('refusal')];
  const tool_calls = assembleToolCalls(events);
  const annotations = events.flatMap((event) => (event.type === 'annotation' ? event.annotation : []));
  const logprobs = events.flatMap((event) => (event.type === 'text' ? (event.logprobs ?? []) : []));
  const message = {
    role: 'assistant',
    content: (tool_calls.length > 0 || refusal !== '') && content === '' ? null : content,
    ...(refusal !== '' && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(reasoning_content !== '' && { reasoning_content }),
    ...(tool_calls.length > 0 && { tool_calls }),
  };
  const choices = [{ index: 0, message, ...(logprobs.length > 0 && { logprobs: { content: logprobs } }), finish_reason: finish }];
  const body = { id, object: 'chat.completion', created, model, choices, ...(usage && !usage.isPartial && { usage }) };
  return { text: content || refusal, finish, usage, choice: choices[0], body: JSON.stringify(body) };
}

function assembleToolCalls(events: readonly ProviderEvent[]): object[] {
  const calls = new Map<number, { id: string | undefined; name: string; arguments: string }>();
  for (const event of events) {
    if (event.type !== 'tool_call') continue;
    const call = calls.get(event.index) ?? { id: event.id, name: event.name ?? '', arguments: '' };
    call.arguments += event.argumentsDelta;
    calls.set(event.index, call);
  }
  return [...calls.values()].map(({ id, ...called }) => ({ id, type: 'function', function: called }));
}
