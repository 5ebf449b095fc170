import { isUtf8 } from 'node:buffer';
import { AppError } from '@prodigon/contracts';
import { nextTurn } from '@prodigon/platform';
import { JSONParser } from '@streamparser/json';

/** `JSON.parse` of longer texts would block the event loop for more than a few milliseconds. */
const SHORT_BYTES = 256 << 10;
/** Bytes that one turn of the event loop parses. */
const BYTES_PER_TURN = 64 << 10;

/** Parses JSON of any length without blocking the event loop. Throws `INVALID_JSON`. */
export async function parseJson(bytes: Buffer): Promise<unknown> {
  if (!isUtf8(bytes)) throw new AppError('INVALID_JSON', 'The entry is not valid UTF-8.');
  try {
    return bytes.length <= SHORT_BYTES ? JSON.parse(bytes.toString('utf8')) : await parseInTurns(bytes);
  } catch (cause) {
    throw new AppError('INVALID_JSON', 'The entry is not valid JSON.', { cause });
  }
}

async function parseInTurns(bytes: Buffer): Promise<unknown> {
  const parser = new JSONParser({ paths: ['$'], stringBufferSize: BYTES_PER_TURN });
  let parsed: unknown;
  parser.onValue = ({ value }) => {
    parsed = value;
  };
  for (let at = 0; at < bytes.length; at += BYTES_PER_TURN) {
    parser.write(bytes.subarray(at, at + BYTES_PER_TURN));
    await nextTurn();
  }
  if (!parser.isEnded) parser.end();
  return parsed;
}
