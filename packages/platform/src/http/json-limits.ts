import { randomInt } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { validationError } from './error-handling.ts';

/**
 * Limits of JSON bodies, which are checked while the bytes arrive, before parsing: a distinct key costs 5 µs until its
 * request has been forwarded, a repeated one a tenth, a byte of text 20 ns. See
 * docs/decisions/0018-limits-of-request-bodies.md.
 */
export const JSON_LIMITS = {
  /** Deeper than any real request, and about half of the depth that the recursive `JSON.stringify` supports. */
  depthMax: 2_000,
  /** Enough for 128 tools with 60 keys each and 8,192 messages or items with 6 keys each. */
  keysMax: 60_000,
  /** Keys that no object before has after the same other keys. V8 creates an object shape for each. */
  distinctKeysMax: 20_000,
  /** Objects, lists, and what they contain, without the numbers in lists. */
  valuesMax: 100_000,
  /** Numbers in lists, e.g. the tokens of embeddings: OpenAI allows 300,000. */
  numbersMax: 350_000,
} as const;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;

/** Marks the bytes that structure a JSON text. One look-up for each byte is twice as fast as comparisons. */
const STRUCTURAL = Uint8Array.from({ length: 256 }, (_, byte) => Number('",:[]{}'.includes(String.fromCharCode(byte))));

/** The findings of a scanner in a JSON text. */
export interface JsonStructure {
  keys: number;
  /** Offsets of the first byte of each long string and of the quote at its end. */
  readonly longStrings: (readonly [start: number, end: number])[];
}

/** Longer strings, in bytes, are decoded in slices. */
const LONG_STRING_BYTES = 64 << 10;

/**
 * Creates a scanner for the chunks of a JSON text. It returns the error for a text that would block the event loop, as soon
 * as a chunk exceeds a limit. `factor` multiplies the counts. Adds what it finds to `structure`.
 */
export function createJsonScanner(
  factor = 1,
  structure: JsonStructure = { keys: 0, longStrings: [] },
): (chunk: Uint8Array) => AppError | undefined {
  const keysMax = JSON_LIMITS.keysMax * factor;
  const distinctKeysMax = JSON_LIMITS.distinctKeysMax * factor;
  const valuesMax = JSON_LIMITS.valuesMax * factor;
  const numbersMax = JSON_LIMITS.numbersMax * factor;
  let depth = 0;
  let values = 0;
  let numbers = 0;
  let isInString = false;
  let isEscaped = false;
  /** Whether the next byte that is not a space starts a value. */
  let startsValue = false;
  /** Offset of the chunk, and of the string that is open. */
  let offset = 0;
  let stringStart = 0;
  let stringEnd = 0;
  /** For each level of nesting, the hash of the keys of the open object so far. */
  const shapes: number[] = [];
  let distinctShapes: Set<number> | undefined;

  return (chunk) => {
    const error = scan(chunk);
    offset += chunk.length;
    return error;
  };

  function scan(chunk: Uint8Array): AppError | undefined {
    let index = 0;
    while (index < chunk.length) {
      if (isInString) {
        index = skipString(chunk, index);
        continue;
      }
      if (startsValue) {
        while (index < chunk.length && (chunk[index] ?? 0) <= SPACE) index += 1;
        if (index === chunk.length) break;
        startsValue = false;
        if (!startsNumber(chunk[index] ?? 0)) values += 1;
        else if (++numbers > numbersMax) return tooMany('numbers', numbersMax);
        if (values > valuesMax) return tooMany('values', valuesMax);
      }
      while (index < chunk.length && STRUCTURAL[chunk[index] ?? 0] === 0) index += 1;
      if (index === chunk.length) break;
      const byte = chunk[index] ?? 0;
      index += 1;
      if (byte === QUOTE) {
        isInString = true;
        stringStart = offset + index;
      } else if (byte === COLON) {
        if (++structure.keys > keysMax) return tooMany('keys', keysMax);
        if (structure.keys > UNHASHED_KEYS && countDistinct(chunk) > distinctKeysMax)
          return tooMany('distinct keys', distinctKeysMax);
      } else if (byte === COMMA) startsValue = true;
      else if (isClosing(byte)) depth -= 1;
      else {
        startsValue = true;
        if (++depth > JSON_LIMITS.depthMax) return tooDeep();
        shapes[depth] = 0;
      }
    }
    return undefined;
  }

  /** Counts the last string as a key. Returns the number of distinct keys; long keys and those of two chunks count as distinct. */
  function countDistinct(chunk: Uint8Array): number {
    const start = stringStart - offset;
    const end = stringEnd - offset;
    let hash = structure.keys;
    if (start >= 0 && end - start <= LOOP_BYTES) {
      hash = 1;
      for (let index = start; index < end; index++) hash = Math.imul(hash ^ (chunk[index] ?? 0), HASH_FACTOR);
    }
    const shape = Math.imul((shapes[depth] ?? 0) ^ hash, HASH_FACTOR);
    shapes[depth] = shape;
    distinctShapes ??= new Set();
    return UNHASHED_KEYS + distinctShapes.add(shape).size;
  }

  /** Returns the index after the quote that closes the string, or the end of the chunk. */
  function skipString(chunk: Uint8Array, start: number): number {
    let index = isEscaped ? start + 1 : start;
    isEscaped = false;
    while (index < chunk.length) {
      // A native search is faster than a loop over longer distances only, so escaped quotes must not cause many of them.
      for (const end = Math.min(chunk.length, index + LOOP_BYTES); index < end; index++) {
        const byte = chunk[index];
        if (byte === QUOTE) {
          isInString = false;
          stringEnd = offset + index;
          if (stringEnd - stringStart > LONG_STRING_BYTES) structure.longStrings.push([stringStart, stringEnd]);
          return index + 1;
        }
        if (byte === BACKSLASH) index += 1;
      }
      if (index >= chunk.length) break;
      const quote = chunk.indexOf(QUOTE, index);
      const end = quote < 0 ? chunk.length : quote;
      let backslashes = 0;
      while (end - backslashes > index && chunk[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
      index = backslashes % 2 === 0 ? end : end + 1;
    }
    isEscaped = index > chunk.length;
    return chunk.length;
  }
}

const LOOP_BYTES = 64;
/** The first keys count as distinct without a hash, because most bodies have no others. */
const UNHASHED_KEYS = 1_000;
/** Secret, so that nobody can write keys with equal hashes. */
const HASH_FACTOR = randomInt(2 ** 31) * 2 + 1;

function startsNumber(byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  return isDigit || byte === 0x2d;
}

function isClosing(byte: number): boolean {
  return byte === 0x5d || byte === 0x7d;
}

function tooMany(what: string, max: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `The body has more than ${max} ${what}. Split the request.`);
}

function tooDeep(): AppError {
  return validationError([{ path: '', message: `Must not be nested deeper than ${JSON_LIMITS.depthMax} levels` }]);
}
