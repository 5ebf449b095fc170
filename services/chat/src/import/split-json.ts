import { nextTurn } from '@prodigon/platform';

export interface JsonPieceLimits {
  readonly bytesMax: number;
  readonly depthMax: number;
  readonly valuesMax: number;
}

/** One value of a file. `problem` replaces the bytes of a value that exceeds a limit or does not end. */
export interface JsonPiece {
  /** Index in the list or among the lines of the file. */
  readonly index: number;
  readonly bytes: Buffer;
  readonly problem?: 'too large' | 'too complex' | 'incomplete' | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const SPACES = Uint8Array.from({ length: 256 }, (_, byte) => Number(' \t\r\n'.includes(String.fromCharCode(byte))));
const STRUCTURAL = Uint8Array.from({ length: 256 }, (_, byte) => Number('",[]{}\n'.includes(String.fromCharCode(byte))));

/** Returns whether a file begins like a JSON list or object, after spaces. */
export function beginsLikeJson(beginning: Uint8Array): boolean {
  const bytes = withoutMark(beginning);
  const first = bytes.find((byte) => SPACES[byte] === 0);
  return first === OPEN_LIST || first === OPEN_OBJECT;
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length)) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}

/**
 * Divides a JSON file into the items of its list, or into its objects, one in each line. It only looks for the end of each
 * item, so that an invalid one does not affect the others, and keeps one item in memory. Each chunk is a turn of the event loop.
 */
export async function* splitJson(chunks: AsyncIterable<Uint8Array>, limits: JsonPieceLimits): AsyncGenerator<JsonPiece> {
  let isFirst = true;
  const splitter = createSplitter(limits);
  for await (const chunk of chunks) {
    for (const piece of splitter.write(isFirst ? withoutMark(chunk) : chunk)) yield piece;
    isFirst = false;
    await nextTurn();
  }
  yield* splitter.end();
}

function createSplitter({ bytesMax, depthMax, valuesMax }: JsonPieceLimits) {
  let isList: boolean | undefined;
  /** Whether the list has ended. */
  let isEnded = false;
  let index = 0;
  /** Depth within the current item. */
  let depth = 0;
  let values = 0;
  let isInItem = false;
  let isInString = false;
  let isEscaped = false;
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let problem: JsonPiece['problem'];

  function add(part: Uint8Array): void {
    bytes += part.length;
    if (bytes > bytesMax) problem ??= 'too large';
    if (problem) parts = [];
    else if (part.length > 0) parts.push(part);
  }

  function finish(cause?: JsonPiece['problem']): JsonPiece {
    const piece = { index, bytes: Buffer.concat(parts), problem: problem ?? cause };
    index += 1;
    [parts, bytes, problem, values, depth] = [[], 0, undefined, 0, 0];
    [isInItem, isInString, isEscaped] = [false, false, false];
    return piece;
  }

  function* write(chunk: Uint8Array): Generator<JsonPiece> {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (!isInItem) {
        if (SPACES[byte] === 1 || (isList && byte === COMMA)) continue;
        if (isList === undefined) {
          isList = byte === OPEN_LIST;
          if (isList) continue;
        }
        if (isList && !isEnded && byte === CLOSE_LIST) {
          isEnded = true;
          continue;
        }
        isInItem = true;
        start = at;
      }
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInString = false;
        // A line feed is not valid in a string, so a new line of a file with lines can end a broken one.
        else if (byte === LINE_FEED && !isList && index > 0) {
          add(chunk.subarray(start, at));
          yield finish();
        }
        continue;
      }
      if (STRUCTURAL[byte] === 0) continue;
      if (byte === QUOTE) isInString = true;
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        depth += 1;
        values += 1;
        if (depth > depthMax) problem ??= 'too complex';
      } else if (byte === COMMA) {
        if (isList && depth === 0) {
          add(chunk.subarray(start, at));
          yield finish();
        } else values += 1;
      } else if (byte === LINE_FEED) {
        // After the first object, each line is one. A broken line affects no other.
        if (isList || (depth > 0 && index === 0)) continue;
        add(chunk.subarray(start, at));
        yield finish();
      } else if (depth > 0) {
        depth -= 1;
        if (depth > 0) continue;
        add(chunk.subarray(start, at + 1));
        yield finish();
      } else if (isList && byte === CLOSE_LIST) {
        add(chunk.subarray(start, at));
        yield finish();
        isEnded = true;
      }
      if (values > valuesMax) problem ??= 'too complex';
    }
    if (isInItem) add(chunk.subarray(start));
  }

  function* end(): Generator<JsonPiece> {
    if (isInItem) yield finish(depth > 0 || isInString || isList ? 'incomplete' : undefined);
    else if (isList && !isEnded) yield finish('incomplete');
  }

  return { write, end };
}
