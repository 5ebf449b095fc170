import { isRecord, isText, type MessageText, readMessageText } from '@prodigon/contracts';
import type { ProviderCompletion } from '@prodigon/ports';
import { CHOICES_MAX, type ChunkHeader } from './chunk-normalizer.ts';
import { malformedResponse } from './provider-responses.ts';
import type { ReasonRedactor } from './refusal-reason.ts';
import { createChunkReader } from './sse-chunk-reader.ts';
import { isCustomCall, readIndex } from './tool-call-normalizer.ts';

/** Assembles a completion, with all of its choices, from a stream. Throws when the stream has no end. */
export function readStreamedCompletion(text: string, fallback: ChunkHeader, redact: ReasonRedactor): ProviderCompletion {
  const reader = createChunkReader(fallback, redact);
  const events = [...reader.read(Buffer.from(`${text}\n\n`)), ...reader.end()];
  if (reader.failure) throw reader.failure;
  const usage = events.findLast((event) => event.type === 'usage')?.usage ?? null;
  const chunks = events.flatMap((event) => (event.type === 'chunk' ? [JSON.parse(event.chunk.json) as Chunk] : []));
  const builders = new Map<number, ChoiceBuilder>();
  for (const raw of chunks.flatMap((chunk) => chunk.choices ?? [])) {
    const index = readIndex(raw.index) ?? 0;
    if (index >= CHOICES_MAX) throw malformedResponse();
    const builder = builders.get(index) ?? createChoiceBuilder(index);
    builders.set(index, builder);
    builder.add(raw);
  }
  const choices = [...builders.keys()].toSorted((a, b) => a - b).map((index) => builders.get(index)?.build(reader.isDone));
  const [first] = choices;
  if (!first) throw malformedResponse();
  const { id, created, model } = chunks[0] ?? fallback;
  const body = { id, object: 'chat.completion', created, model, choices, ...(usage && !usage.isPartial && { usage }) };
  const { content, refusal } = first.message;
  return { text: content || refusal || '', finish: first.finish_reason, usage, choice: first, body: JSON.stringify(body) };
}

/** A normalized chunk. */
type Chunk = Partial<ChunkHeader> & { choices?: readonly Record<string, unknown>[] };

interface Choice {
  readonly index: number;
  readonly message: { readonly content: string | null; readonly refusal?: string };
  readonly finish_reason: string;
}

interface ChoiceBuilder {
  add(raw: Record<string, unknown>): void;
  /** Throws for a choice without a finish reason, unless the provider has ended the stream itself. */
  build(isDone: boolean): Choice;
}

function createChoiceBuilder(index: number): ChoiceBuilder {
  const texts: MessageText[] = [];
  const annotations: unknown[] = [];
  const logprobs: unknown[] = [];
  const calls = createCallAssembler();
  let finish: string | undefined;
  const joined = (kind: keyof MessageText) => texts.map((text) => text[kind] ?? '').join('');

  return {
    add(raw) {
      const delta = isRecord(raw.delta) ? raw.delta : {};
      texts.push(readMessageText(delta));
      if (Array.isArray(delta.annotations)) annotations.push(...delta.annotations.filter(isRecord));
      if (isRecord(raw.logprobs) && Array.isArray(raw.logprobs.content)) logprobs.push(...raw.logprobs.content);
      if (Array.isArray(delta.tool_calls)) for (const call of delta.tool_calls.filter(isRecord)) calls.add(call);
      if (isText(raw.finish_reason)) finish = raw.finish_reason;
    },
    build(isDone) {
      const [content, reasoning_content, refusal] = [joined('content'), joined('reasoning'), joined('refusal')];
      const tool_calls = calls.build();
      if (finish === undefined && !isDone) throw malformedResponse();
      const message = {
        role: 'assistant',
        content: (tool_calls.length > 0 || refusal !== '') && content === '' ? null : content,
        ...(refusal !== '' && { refusal }),
        ...(annotations.length > 0 && { annotations }),
        ...(reasoning_content !== '' && { reasoning_content }),
        ...(tool_calls.length > 0 && { tool_calls }),
      };
      const finish_reason = finish ?? (tool_calls.length > 0 ? 'tool_calls' : 'stop');
      return { index, message, ...(logprobs.length > 0 && { logprobs: { content: logprobs } }), finish_reason };
    },
  };
}

type CallField = 'function' | 'custom';

/** Joins the parts of tool calls. Only the first part of a call has an id. */
function createCallAssembler() {
  const calls = new Map<unknown, { id: unknown; field: CallField; name: string; parts: string[] }>();
  return {
    add(delta: Record<string, unknown>): void {
      const field: CallField = isCustomCall(delta) ? 'custom' : 'function';
      const called = isRecord(delta[field]) ? delta[field] : {};
      const call = calls.get(delta.index) ?? { id: delta.id, field, name: '', parts: [] };
      calls.set(delta.index, call);
      if (isText(called.name)) call.name += called.name;
      const part = field === 'custom' ? called.input : called.arguments;
      if (isText(part)) call.parts.push(part);
    },
    build: () =>
      [...calls.values()].map(({ id, field, name, parts }) =>
        field === 'custom'
          ? { id, type: field, custom: { name, input: parts.join('') } }
          : { id, type: field, function: { name, arguments: parts.join('') || '{}' } },
      ),
  };
}
