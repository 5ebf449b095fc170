import { statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Configuration, REPOSITORY_ROOT } from '@prodigon/platform/configuration';

/** The size of a segment of PostgreSQL's write-ahead log. PostgreSQL stops when there is no space for the next one. */
const SEGMENT_BYTES = 16 << 20;

/** Returns a function that checks whether the disk of DATA_DIR, which contains the embedded database, is full. */
export function createDiskCheck(
  { DATA_DIR }: Pick<Configuration, 'DATA_DIR'>,
  statfs: typeof statfsSync = statfsSync,
): () => boolean {
  return () => {
    try {
      const { bavail, bsize } = statfs(resolve(REPOSITORY_ROOT, DATA_DIR));
      return bavail * bsize < SEGMENT_BYTES;
    } catch {
      return false;
    }
  };
}
