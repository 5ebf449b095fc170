import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { END_OF_ROWS } from './backup-format.ts';

const NEWLINE = 0x0a;
const END_AFTER_ROW = Buffer.concat([Buffer.from([NEWLINE]), END_OF_ROWS]);
/** Also what a header may have. */
const LONGEST_LINE_BYTES = 1024 * 1024;

/** Reads a backup once from its beginning, a part at a time. Errors are those of the file and of gzip, or an `Error`. */
export class BackupReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #close: () => void;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    const file = createReadStream(path);
    const gunzip = createGunzip();
    file.on('error', (error) => gunzip.destroy(error));
    this.#chunks = file.pipe(gunzip)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#close = () => {
      file.destroy();
      gunzip.destroy();
    };
  }

  /** The next line without its end; null at the end of the file. */
  async readLine(): Promise<string | null> {
    for (;;) {
      const end = this.#buffer.indexOf(NEWLINE);
      if (end >= 0) return this.#take(end + 1).toString('utf8', 0, end);
      if (this.#buffer.length > LONGEST_LINE_BYTES) throw new Error('A line is too long');
      if (await this.#fill()) continue;
      if (this.#buffer.length > 0) throw new Error('The last line has no end');
      return null;
    }
  }

  /** The rows of a table, in pieces of any size. Afterwards comes the line with their number. */
  async *readRows(): AsyncGenerator<Buffer> {
    let isAtLineStart = true;
    for (;;) {
      if (isAtLineStart && this.#buffer.subarray(0, END_OF_ROWS.length).equals(END_OF_ROWS)) {
        this.#take(END_OF_ROWS.length);
        return;
      }
      const end = this.#buffer.indexOf(END_AFTER_ROW);
      if (end >= 0) {
        yield this.#take(end + 1);
        isAtLineStart = true;
        continue;
      }
      // What is kept may be the beginning of the end.
      const safe = this.#buffer.length - END_OF_ROWS.length;
      if (safe > 0) {
        const piece = this.#take(safe);
        isAtLineStart = piece.at(-1) === NEWLINE;
        yield piece;
      }
      if (!(await this.#fill())) throw new Error('The rows have no end');
    }
  }

  close(): void {
    this.#close();
  }

  #take(length: number): Buffer {
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }

  async #fill(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value]);
    return true;
  }
}
