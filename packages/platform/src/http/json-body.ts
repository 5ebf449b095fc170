import { isUtf8 } from 'node:buffer';
import { AppError } from '@prodigon/contracts';
import { nextTurn } from '../event-loop-turns.ts';
import { createJsonScanner, type JsonStructure } from './json-limits.ts';
import { parseJsonInTurns } from './parse-json-in-turns.ts';
import { unsafeKeyError } from './unsafe-keys.ts';

/** Bodies with more keys, or longer ones, are decoded, parsed and validated in separate turns of the event loop. */
export const LARGE_BODY_BYTES = 256 << 10;
export const MANY_KEYS = 2_000;
/** Conversion between the public and the internal format adds keys, so internal requests may have more of them. */
export const INTERNAL_FACTOR = 2;
/** Bytes that one turn of the event loop scans. */
const SCAN_BYTES = 1 << 20;

/** Parses the JSON of another service with the limits of HTTP bodies. Throws an `AppError`. */
export async function parseInternalJson(bytes: Buffer): Promise<unknown> {
  const structure: JsonStructure = { keys: 0, longStrings: [] };
  const scan = createJsonScanner(INTERNAL_FACTOR, structure);
  for (let at = 0; at < bytes.length; at += SCAN_BYTES) {
    if (at > 0) await nextTurn();
    const excess = scan(bytes.subarray(at, at + SCAN_BYTES));
    if (excess) throw excess;
  }
  if (!isUtf8(bytes)) throw new AppError('INVALID_JSON', 'The body is not valid UTF-8.');
  if (bytes.length <= LARGE_BODY_BYTES && structure.keys <= MANY_KEYS) return parseJson(bytes.toString('utf8'));
  await nextTurn();
  return parseJsonInTurns(bytes, structure.longStrings, async (text) => parseJson(text));
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_JSON', undefined, { cause });
  }
  const unsafe = unsafeKeyError(text, value);
  if (unsafe) throw unsafe;
  return value;
}
