import type { MessagePart } from '@prodigon/contracts/conversations';
import { storableText } from '../create-database.ts';

/** Returns the value with storable text in all its strings and keys. */
export function storableJson<Value>(value: Value): Value {
  if (typeof value === 'string') return storableText(value) as Value;
  if (Array.isArray(value)) return value.map(storableJson) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storableJson(item)])) as Value;
}

/** Returns the JSON of a value for a column, or null. */
export function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(storableJson(value));
}

/** Returns the text parts of a message as one text. */
export function contentOf(parts: readonly MessagePart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Appends parts. A text, a reasoning or a tool call continues the last part of its kind. */
export function appendParts(parts: readonly MessagePart[], more: readonly MessagePart[]): MessagePart[] {
  const all = [...parts];
  for (const part of more) {
    const last = all.at(-1);
    const joined = last && joinParts(last, part);
    if (joined) all[all.length - 1] = joined;
    else all.push(part);
  }
  return all;
}

function joinParts(first: MessagePart, second: MessagePart): MessagePart | undefined {
  if (first.type === 'tool_call' && second.type === 'tool_call' && first.id === second.id)
    return { ...first, arguments: first.arguments + second.arguments };
  if ((first.type === 'text' || first.type === 'reasoning') && first.type === second.type)
    return { ...first, text: first.text + second.text };
  return undefined;
}
