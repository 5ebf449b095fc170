import { readFileSync } from 'node:fs';
import { isUtf16 } from '@prodigon/contracts';

/** An unreadable file. The message completes a sentence about the file, e.g. `cannot be read`. */
export class TextFileError extends Error {
  override readonly name = 'TextFileError';
}

/** Returns the text of a UTF-8 file without its byte order mark. Throws a `TextFileError` when it is unreadable or UTF-16. */
export function readTextFile(path: string): string {
  const bytes = readBytes(path);
  if (isUtf16(bytes)) throw new TextFileError('is UTF-16 text; save it as UTF-8');
  return new TextDecoder().decode(bytes);
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new TextFileError(isMissing ? 'does not exist' : 'cannot be read', { cause });
  }
}
