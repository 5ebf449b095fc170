import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@prodigon/contracts';
import type { FileStore } from '@prodigon/ports';

/**
 * Creates a store of files in a folder: a folder for each owner, named by a hash, because an owner can have any name, and in it
 * a file for each content. Only the user of the process can read them.
 */
export function createFileStore(directory: string): FileStore {
  const folderOf = (ownerId: string) => join(directory, createHash('sha256').update(ownerId).digest('hex').slice(0, 32));

  function pathOf(ownerId: string, sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new AppError('NOT_FOUND');
    return join(folderOf(ownerId), sha256);
  }

  return {
    async write(ownerId, sha256, bytes) {
      const path = pathOf(ownerId, sha256);
      try {
        if (await hasSize(path, bytes.length)) return;
        await mkdir(folderOf(ownerId), { recursive: true, mode: 0o700 });
        await writeAtomically(path, bytes);
      } catch (error) {
        // A full disk becomes `INSUFFICIENT_STORAGE`.
        throw AppError.from(error);
      }
    },
    async read(ownerId, sha256) {
      try {
        return await readFile(pathOf(ownerId, sha256));
      } catch (error) {
        throw isMissing(error) ? new AppError('NOT_FOUND', 'The file does not exist.', { cause: error }) : AppError.from(error);
      }
    },
    async remove(ownerId, sha256) {
      await rm(pathOf(ownerId, sha256), { force: true });
    },
  };
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function hasSize(path: string, bytes: number): Promise<boolean> {
  const stats = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  return stats?.size === bytes;
}

/** Writes to another name first, so that a crash never leaves a part of a file under its name. */
async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
