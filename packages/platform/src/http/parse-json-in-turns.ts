import { randomUUID } from 'node:crypto';
import { nextTurn } from '../event-loop-turns.ts';

/** Bytes of a string that one turn of the event loop decodes: at most 10 ms, when all of them are escapes. */
const SLICE_BYTES = 1 << 20;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** The length of `\uXXXX`. */
const ESCAPE_BYTES_MAX = 6;

type Span = readonly [start: number, end: number];

/**
 * Parses UTF-8 JSON in turns of the event loop. `JSON.parse` cannot be divided, so the long strings, whose offsets the
 * caller knows, are decoded in slices, and the rest is parsed with short strings instead. `parse` throws for invalid JSON.
 */
export async function parseJsonInTurns(
  bytes: Buffer,
  longStrings: readonly Span[],
  parse: (text: string) => Promise<unknown>,
): Promise<unknown> {
  // Cannot be the beginning of a string in the text.
  const mark = randomUUID();
  const texts = new Map<string, string>();
  const rest: string[] = [];
  let end = 0;
  for (const span of longStrings) {
    const name = `${mark}${texts.size}`;
    rest.push(bytes.toString('utf8', end, span[0]), name);
    texts.set(name, await decodeInTurns(bytes, span, parse));
    end = span[1];
  }
  await nextTurn();
  rest.push(bytes.toString('utf8', end));
  const root = { value: await parse(rest.join('')) };
  await nextTurn();
  if (texts.size > 0) restoreTexts(root, texts, mark);
  return root.value;
}

async function decodeInTurns(bytes: Buffer, [start, end]: Span, parse: (text: string) => Promise<unknown>): Promise<string> {
  const slices: unknown[] = [];
  for (let at = start; at < end; ) {
    await nextTurn();
    const next = findSliceEnd(bytes, at, end);
    slices.push(await parse(`"${bytes.toString('utf8', at, next)}"`));
    at = next;
  }
  return slices.join('');
}

/** Returns the last offset within a slice that divides neither an escape nor a character. */
function findSliceEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start + SLICE_BYTES;
  if (at >= end) return end;
  while (isContinuation(bytes[at] ?? 0)) at -= 1;
  const last = bytes.lastIndexOf(BACKSLASH, at - 1);
  if (last < start || last < at - ESCAPE_BYTES_MAX) return at;
  let first = last;
  while (first > start && bytes[first - 1] === BACKSLASH) first -= 1;
  // In an even run, each backslash belongs to a pair.
  if ((last - first) % 2 === 1) return at;
  return last + (bytes[last + 1] === LETTER_U ? ESCAPE_BYTES_MAX : 2) > at ? last : at;
}

const isContinuation = (byte: number) => (byte & 0xc0) === 0x80;

/** Replaces the short strings, which may be values or keys. */
function restoreTexts(root: object, texts: ReadonlyMap<string, string>, mark: string): void {
  const pending: object[] = [root];
  for (let container = pending.pop(); container; container = pending.pop()) {
    const fields = container as Record<string, unknown>;
    for (const [key, value] of Object.entries(container)) {
      const text = typeof value === 'string' ? texts.get(value) : undefined;
      if (text !== undefined) fields[key] = text;
      else if (typeof value === 'object' && value !== null) pending.push(value);
      if (!key.startsWith(mark)) continue;
      fields[texts.get(key) ?? key] = fields[key];
      delete fields[key];
    }
  }
}
