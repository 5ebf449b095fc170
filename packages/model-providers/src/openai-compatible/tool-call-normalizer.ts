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
  name: string | undefined;
  /** The last character of the arguments so far. */
  lastCharacter: string;
}

/**
 * Creates a normalizer. Providers omit the index of a call, skip some, or repeat the index of another call; they omit ids,
 * send them before the name, or repeat them; and they send arguments as an object or null.
 */
export function createToolCallNormalizer(): ToolCallNormalizer {
  const calls: KnownCall[] = [];
  const ids = createCallIds();
  /** By the provider's id: the latest call, and the first one of each index. */
  const byProviderId = new Map<string | undefined, { latest: KnownCall; byIndex: Map<number | undefined, KnownCall> }>();
  /** The latest call by the provider's index. */
  const byProviderIndex = new Map<number | undefined, KnownCall>();
  /** The ids of calls that have neither a name nor arguments yet, by the provider's index. */
  const earlyIds = new Map<number | undefined, string>();

  /** Returns the call that a delta continues, or undefined when the delta starts a call. */
  function findCall({ index, id, name, text }: Fields): KnownCall | undefined {
    const sameId = id === undefined ? undefined : byProviderId.get(id);
    const continued = index === undefined ? sameId?.latest : sameId?.byIndex.get(index);
    if (continued) return continued;
    if (index === undefined) return name === undefined ? calls.at(-1) : undefined;
    const known = byProviderIndex.get(index);
    if (!known || name === undefined || known.name === undefined) return known;
    // Some providers send all calls with the same index, each complete in one delta.
    const isAnother = id !== undefined || (known.lastCharacter === '}' && (text === '' || text.startsWith('{')));
    return isAnother ? undefined : known;
  }

  function start(delta: Record<string, unknown>, fields: Fields): ToolCallDelta {
    const id = ids.unique(fields.id ?? earlyIds.get(fields.index));
    const index = calls.length;
    const call = { index, name: fields.name, lastCharacter: '' };
    calls.push(call);
    const sameId = byProviderId.get(fields.id) ?? { latest: call, byIndex: new Map() };
    sameId.latest = call;
    if (!sameId.byIndex.has(fields.index)) sameId.byIndex.set(fields.index, call);
    byProviderId.set(fields.id, sameId);
    byProviderIndex.set(fields.index, call);
    addArguments(call, fields);
    return rebuild(delta, fields, { index, id, type: 'function' });
  }

  /** Clients append a name or an id that a later delta repeats. */
  function proceed(call: KnownCall, delta: Record<string, unknown>, fields: Fields): ToolCallDelta {
    addArguments(call, fields);
    const name = fields.name === call.name ? undefined : fields.name;
    if (name !== undefined) call.name = (call.name ?? '') + name;
    return rebuild(delta, { ...fields, name }, { index: call.index });
  }

  return {
    normalize: (deltas) =>
      deltas.filter(isRecord).flatMap((delta) => {
        if (isCustomCall(delta)) return delta as unknown as ToolCallDelta;
        const fields = readFields(delta);
        const known = findCall(fields);
        if (known) return proceed(known, delta, fields);
        if (fields.name !== undefined || fields.text !== '') return start(delta, fields);
        if (fields.id !== undefined) earlyIds.set(fields.index, fields.id);
        return [];
      }),
    complete() {
      const empty = calls.filter(({ lastCharacter }) => lastCharacter === '');
      for (const call of empty) call.lastCharacter = '}';
      return empty.map(({ index }) => ({ index, function: { arguments: '{}' } }));
    },
  };
}

function addArguments(call: KnownCall, { text }: Fields): void {
  if (text !== '') call.lastCharacter = text.trimEnd().at(-1) ?? call.lastCharacter;
}

/** Returns the calls in the field of a message or delta. Some providers send a single call without a list. */
export function toCallList(calls: unknown): readonly unknown[] {
  if (Array.isArray(calls)) return calls;
  return isRecord(calls) ? [calls] : [];
}

/** Returns the tool calls of a message. Calls that need no change are returned as they are. */
export function normalizeToolCalls(calls: readonly unknown[]): readonly ToolCall[] {
  const ids = createCallIds();
  return calls.filter(isRecord).map((call) => {
    if (isCustomCall(call)) return call as unknown as ToolCall;
    const fields = readFields(call);
    const { name = '', text } = fields;
    return rebuild(call, { ...fields, name, text: text || '{}' }, { id: ids.unique(fields.id), type: 'function' });
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

function readFields(call: Record<string, unknown>): Fields {
  const { index, id, function: called } = call;
  // Some providers omit the object around the name and the arguments.
  const { name, arguments: value } = isRecord(called) ? called : { ...call, ...(isText(called) && { name: called }) };
  return {
    index: readIndex(index),
    id: isText(id) ? id : undefined,
    name: isText(name) ? name : undefined,
    text: typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value),
  };
}

/** Reads an index, which some providers send as text. */
export function readIndex(value: unknown): number | undefined {
  const index = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(index) && (index as number) >= 0 ? (index as number) : undefined;
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
  const { index: _index, id: _id, type: _type, function: _function, ...others } = call;
  const { name: _outerName, arguments: _outerArguments, ...rest } = others;
  const { name: _name, arguments: _arguments, ...calledRest } = called;
  return { ...rest, ...changes, function: { ...calledRest, ...(name !== undefined && { name }), arguments: text } } as ReturnType<
    typeof rebuild<Changes>
  >;
}

/** Providers send null for a field that a delta does not have. */
function isSame(value: unknown, expected: unknown): boolean {
  return (value ?? undefined) === expected;
}

/** Creates the ids of the calls of one message. */
function createCallIds() {
  const used = new Set<string>();
  return {
    /** Returns the id, or a new one if it is missing or belongs to another call: outputs name the call by its id. */
    unique(id: string | undefined): string {
      const unique = id === undefined || used.has(id) ? `call_${randomUUID().replaceAll('-', '')}` : id;
      used.add(unique);
      return unique;
    },
  };
}
