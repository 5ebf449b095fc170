import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { END_OF_ROWS } from './backup-format.ts';

const NEWLINE = 0x0a;
const END_AFTER_ROW = Buffer.concat([Buffer.from([NEWLINE]), END_OF_ROWS]);
/** Also the limit of a header. */
const LONGEST_LINE_BYTES = 1024 * 1024;

export interface BackupReader {
  /** Returns the next line without its end; null at the end of the file. */
  readLine(): Promise<string | null>;
  /** Yields the rows of a table in pieces of any size. The line with their number follows. */
  readRows(): AsyncGenerator<Buffer>;
  close(): void;
}

/** Reads a backup once from its beginning, piece by piece. Errors are those of the file and of gzip, or an `Error`. */
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
        if (buffer.length > LONGEST_LINE_BYTES) throw new Error('A line is too long');
        if (await fill()) continue;
        if (buffer.length > 0) throw new Error('The last line has no end');
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
        // The last bytes may be the beginning of the end mark.
        const safe = buffer.length - END_OF_ROWS.length;
        if (safe > 0) {
          const piece = take(safe);
          isAtLineStart = piece.at(-1) === NEWLINE;
          yield piece;
        }
        if (!(await fill())) throw new Error('The rows have no end');
      }
    },

    close() {
      file.destroy();
      gunzip.destroy();
    },
  };
}
