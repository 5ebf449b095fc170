import type { Readable } from 'node:stream';
import { AppError } from '@prodigon/contracts';
import { IMPORT_LIMITS } from '@prodigon/contracts/conversations';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { beginsLikeJson } from './split-json.ts';
import type { UploadFile } from './upload-file.ts';

/** A JSON file of an archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Text of conversations compresses about 5 times. More than this is an attack. */
const RATIO_MAX = 200;
/** Smaller files may have any ratio. */
const UNCHECKED_BYTES = 10 << 20;

/** Returns whether a file begins like a ZIP archive, which may be empty. */
export const beginsLikeZip = (beginning: Buffer): boolean =>
  beginning.length >= 4 && ['PK\x03\x04', 'PK\x05\x06'].includes(beginning.toString('latin1', 0, 4));

/**
 * Yields the files of an archive that begin like JSON, one after another; nothing is unpacked to disk. Names serve only as
 * labels. Throws `VALIDATION_ERROR` for a broken archive and `PAYLOAD_TOO_LARGE` for one that unpacks to too much.
 */
export async function* readZip(file: UploadFile): AsyncGenerator<ArchivedFile> {
  const zip = await openZip(file);
  let unpackedBytes = 0;
  const count = (entry: Entry) => {
    let bytes = 0;
    return (chunk: Buffer) => {
      bytes += chunk.length;
      unpackedBytes += chunk.length;
      const isBomb = bytes > UNCHECKED_BYTES && bytes > entry.compressedSize * RATIO_MAX;
      if (isBomb || unpackedBytes > IMPORT_LIMITS.unpackedBytesMax)
        throw new AppError('PAYLOAD_TOO_LARGE', 'The archive unpacks to too many bytes.');
    };
  };
  try {
    if (zip.entryCount > IMPORT_LIMITS.archiveFilesMax)
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `The archive has more than ${IMPORT_LIMITS.archiveFilesMax.toLocaleString('en')} files.`,
      );
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileNameRaw.toString('utf8');
      if (name.endsWith('/')) continue;
      if (entry.isEncrypted()) throw new AppError('VALIDATION_ERROR', 'The archive is encrypted.');
      const stream = await zip.openReadStreamPromise(entry);
      const chunks = jsonChunks(stream, count(entry));
      const first = await chunks.next();
      if (!first.done) yield { name, chunks: startingWith(first.value, chunks) };
      stream.destroy();
    }
  } catch (error) {
    throw error instanceof AppError ? error : brokenArchiveError(error);
  }
}

function openZip(file: UploadFile): Promise<ZipFile> {
  // Names are not paths here, so yauzl does not have to check them.
  const options = { autoClose: false, lazyEntries: true, decodeStrings: false };
  return fromRandomAccessReaderPromise(new UploadReader(file), file.size, options).catch((error: unknown) => {
    throw brokenArchiveError(error);
  });
}

/** Reads a file that its owner closes. */
class UploadReader extends RandomAccessReader {
  readonly #file: UploadFile;

  constructor(file: UploadFile) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return this.#file.range(start, end);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}

const brokenArchiveError = (cause: unknown) =>
  new AppError('VALIDATION_ERROR', 'The ZIP archive is damaged or incomplete.', { cause });

/** Yields the content of a file, or nothing if it does not begin like JSON. */
async function* jsonChunks(stream: Readable, count: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  let isChecked = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    count(chunk);
    if (!isChecked && !beginsLikeJson(chunk)) return;
    isChecked = true;
    yield chunk;
  }
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
