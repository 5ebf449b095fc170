import { isRecord, isText, readMessageText } from '@prodigon/contracts';
import type { ProviderCompletion } from '@prodigon/ports';
import type { ChunkHeader } from './chunk-normalizer.ts';
import { errorFromBody, redactUnknown } from './provider-errors.ts';
import { malformedResponse } from './provider-responses.ts';
import type { ReasonRedactor } from './refusal-reason.ts';
import { readUsage, usageChange } from './reported-usage.ts';
import { readStreamedCompletion } from './streamed-completion.ts';
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
