import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { END_OF_ROWS } from './backup-format.ts';

const NEWLINE = 0x0a;
const END_AFTER_ROW = Buffer.concat([Buffer.from([NEWLINE]), END_OF_ROWS]);
/** Limits the header, too. */
const LINE_MAX_BYTES = 1024 * 1024;

export interface BackupReader {
  /** Returns the next line without its newline; null at the end of the file. */
  readLine(): Promise<string | null>;
  /** Yields the rows of a table in chunks of any size. The next line contains the number of rows. */
  readRows(): AsyncGenerator<Buffer>;
  close(): void;
}

/** Creates a reader that reads a backup once, in chunks. Its methods reject with errors of the file, of gzip or of the format. */
export function createBackupReader(path: string): BackupReader {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  const chunks = file.pipe(gunzip)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let buffer: Buffer = Buffer.alloc(0);

  function take(length: number): Buffer {
    const taken = buffer.subarray(0, length);
    buffer = buffer.subarray(length);
    return taken;
  }

  async function fill(): Promise<boolean> {
    const { done, value } = await chunks.next();
    if (done) return false;
    buffer = buffer.length === 0 ? value : Buffer.concat([buffer, value]);
    return true;
  }

  return {
    async readLine() {
      for (;;) {
        const end = buffer.indexOf(NEWLINE);
        if (end >= 0) return take(end + 1).toString('utf8', 0, end);
        if (buffer.length > LINE_MAX_BYTES) throw new Error('A line is too long');
        if (await fill()) continue;
        if (buffer.length > 0) throw new Error('The last line has no newline');
        return null;
      }
    },

    async *readRows() {
      let isAtLineStart = true;
      for (;;) {
        if (isAtLineStart && buffer.subarray(0, END_OF_ROWS.length).equals(END_OF_ROWS)) {
          take(END_OF_ROWS.length);
          return;
        }
        const end = buffer.indexOf(END_AFTER_ROW);
        if (end >= 0) {
          yield take(end + 1);
          isAtLineStart = true;
          continue;
        }
        // The last bytes may be the start of the end marker.
        const safeLength = buffer.length - END_OF_ROWS.length;
        if (safeLength > 0) {
          const chunk = take(safeLength);
          isAtLineStart = chunk.at(-1) === NEWLINE;
          yield chunk;
        }
        if (!(await fill())) throw new Error('The rows have no end marker');
      }
    },

    close() {
      file.destroy();
      gunzip.destroy();
    },
  };
}
