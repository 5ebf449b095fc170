import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@prodigon/contracts';

/** A file without a name, which disappears when it is closed or when its process ends. */
export interface UploadFile {
  readonly fd: number;
  readonly size: number;
  /** Returns the first bytes. */
  beginning(bytes: number): Promise<Buffer>;
  chunks(): AsyncIterable<Buffer>;
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

function uploadFile(handle: FileHandle, size: number): UploadFile {
  return {
    fd: handle.fd,
    size,
    async beginning(bytes) {
      const buffer = Buffer.alloc(Math.min(bytes, size));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    },
    chunks: () => createReadStream('', { fd: handle.fd, start: 0, autoClose: false }),
    close: () => handle.close(),
  };
}
