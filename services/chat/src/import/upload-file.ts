import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '@prodigon/contracts';

/** A file without a name, which disappears when it is closed or when its process ends. */
export interface UploadFile {
  readonly size: number;
  /** Returns the first bytes. */
  beginning(bytes: number): Promise<Buffer>;
  /** Returns the bytes from `start` up to `end`, or all bytes. */
  range(start?: number, end?: number): Readable;
  close(): Promise<void>;
}

/** Stores an upload on disk. Throws `PAYLOAD_TOO_LARGE` and `INSUFFICIENT_STORAGE`, and the errors of `source`. */
export async function storeUpload(
  source: AsyncIterable<Uint8Array>,
  { directory, bytesMax }: { directory: string; bytesMax: number },
): Promise<UploadFile> {
  const handle = await createNamelessFile(directory).catch((cause: unknown) => {
    throw AppError.from(cause);
  });
  try {
    let size = 0;
    for await (const chunk of source) {
      size += chunk.length;
      if (size > bytesMax)
        throw new AppError('PAYLOAD_TOO_LARGE', `The file is larger than ${bytesMax.toLocaleString('en')} bytes.`);
      await writeAll(handle, chunk);
    }
    return uploadFile(handle, size);
  } catch (error) {
    await handle.close();
    throw AppError.from(error);
  }
}

async function createNamelessFile(directory: string): Promise<FileHandle> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `upload-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path);
  return handle;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
}

const READ_BYTES = 64 << 10;

async function* readRange(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function uploadFile(handle: FileHandle, size: number): UploadFile {
  return {
    size,
    async beginning(bytes) {
      const buffer = Buffer.alloc(Math.min(bytes, size));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    },
    // A stream of the file system would close the file when it is destroyed.
    range: (start = 0, end = size) => Readable.from(readRange(handle, start, end), { objectMode: false }),
    close: () => handle.close(),
  };
}
