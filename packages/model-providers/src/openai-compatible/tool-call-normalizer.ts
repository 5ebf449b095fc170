import { randomUUID } from 'node:crypto';
import { isRecord, isText } from '@prodigon/contracts';

/** A tool call of a message, in the format of OpenAI's clients. */
export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** A part of a tool call in a stream. Only the first part of a call has an id and a name. */
export interface ToolCallDelta {
  index: number;
  id?: string;
  type?: 'function';
  function: { name?: string; arguments: string };
}

/** Normalizes the tool calls of one choice of a stream. */
export interface ToolCallNormalizer {
  /** Returns deltas with valid indexes, ids and arguments. Deltas that need no change are returned as they are. */
  normalize(deltas: readonly unknown[]): readonly ToolCallDelta[];
  /** Returns deltas with empty arguments for the calls that received none. Clients could not parse an empty text. */
  complete(): readonly ToolCallDelta[];
}

interface KnownCall {
  readonly index: number;
  readonly id: string;
  /** The last character of the arguments so far. */
  lastCharacter: string;
}

/**
 * Creates a normalizer. Providers omit the index of a call, send null, or repeat the index of another call; they omit
 * ids or repeat them in every delta; and they send arguments as an object or null.
 */
export function createToolCallNormalizer(): ToolCallNormalizer {
  const calls: KnownCall[] = [];
  /** The latest call by the provider's index. */
  const byProviderIndex = new Map<number, KnownCall>();

  function open(providerIndex: number | undefined, id: string | undefined): KnownCall {
    const isFree = providerIndex !== undefined && !calls.some(({ index }) => index === providerIndex);
    const index = isFree ? providerIndex : calls.reduce((next, call) => Math.max(next, call.index + 1), 0);
    const call = { index, id: id ?? newCallId(), lastCharacter: '' };
    calls.push(call);
    if (providerIndex !== undefined) byProviderIndex.set(providerIndex, call);
    return call;
  }

  /** Returns the call that a delta continues, or undefined when the delta starts a call. */
  function findCall({ index, id, name, text }: Fields): KnownCall | undefined {
    const sameId = id !== undefined && calls.find((call) => call.id === id);
    if (sameId) return sameId;
    if (index === undefined) return name === undefined ? calls.at(-1) : undefined;
    const known = byProviderIndex.get(index);
    if (!known || name === undefined) return known;
    // Some providers send all calls with the same index, each complete in one delta.
    const isAnother = id !== undefined || (known.lastCharacter === '}' && (text === '' || text.startsWith('{')));
    return isAnother ? undefined : known;
  }

  return {
    normalize: (deltas) =>
      deltas.filter(isRecord).map((delta) => {
        if (isCustomCall(delta)) return delta as unknown as ToolCallDelta;
        const fields = readFields(delta);
        const known = findCall(fields);
        const call = known ?? open(fields.index, fields.id);
        if (fields.text !== '') call.lastCharacter = fields.text.trimEnd().at(-1) ?? call.lastCharacter;
        const hasId = known === undefined || fields.id !== undefined;
        return rebuild(delta, fields, { index: call.index, ...(hasId && { id: call.id, type: 'function' as const }) });
      }),
    complete() {
      const empty = calls.filter(({ lastCharacter }) => lastCharacter === '');
      for (const call of empty) call.lastCharacter = '}';
      return empty.map(({ index }) => ({ index, function: { arguments: '{}' } }));
    },
  };
}

/** Returns the tool calls of a message. Calls that need no change are returned as they are. */
export function normalizeToolCalls(calls: readonly unknown[]): readonly ToolCall[] {
  return calls.filter(isRecord).map((call) => {
    if (isCustomCall(call)) return call as unknown as ToolCall;
    const fields = readFields(call);
    const { name = '', text } = fields;
    return rebuild(call, { ...fields, name, text: text || '{}' }, { id: fields.id ?? newCallId(), type: 'function' });
  });
}

/** Returns whether a call belongs to a custom tool of OpenAI. It has an `input` instead of a function with arguments. */
export function isCustomCall(call: object): boolean {
  return 'custom' in call && isRecord(call.custom) && !('function' in call);
}

interface Fields {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** The arguments as JSON text. */
  readonly text: string;
}

function readFields({ index, id, function: called }: Record<string, unknown>): Fields {
  const { name, arguments: value } = isRecord(called) ? called : {};
  return {
    index: Number.isSafeInteger(index) && (index as number) >= 0 ? (index as number) : undefined,
    id: isText(id) ? id : undefined,
    name: isText(name) ? name : undefined,
    text: typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value),
  };
}

/** Returns the call with other fields in the places of its own, or the call itself when they are the same. */
function rebuild<Changes extends { index?: number; id?: string; type?: 'function' }>(
  call: Record<string, unknown>,
  { name, text }: Fields,
  changes: Changes,
): Changes & { function: { name: string; arguments: string } } {
  const called = isRecord(call.function) ? call.function : {};
  const isUnchanged =
    called.arguments === text &&
    isSame(called.name, name) &&
    isSame(call.index, changes.index) &&
    isSame(call.id, changes.id) &&
    (changes.type === undefined || call.type === changes.type);
  if (isUnchanged) return call as ReturnType<typeof rebuild<Changes>>;
  const { index: _index, id: _id, type: _type, function: _function, ...rest } = call;
  const { name: _name, arguments: _arguments, ...calledRest } = called;
  return { ...rest, ...changes, function: { ...calledRest, ...(name !== undefined && { name }), arguments: text } } as ReturnType<
    typeof rebuild<Changes>
  >;
}

/** Providers send null for a field that a delta does not have. */
function isSame(value: unknown, expected: unknown): boolean {
  return (value ?? undefined) === expected;
}

function newCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
}
