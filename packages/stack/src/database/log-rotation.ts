import { copyFileSync, openSync, rmSync, statSync, truncateSync } from 'node:fs';

const LOG_MAX_BYTES = 4 * 1024 * 1024;

/** Opens a log for appending and returns its file descriptor, for a child process. */
export const openLog = (path: string): number => openSync(path, 'a', 0o600);

/**
 * Moves the content of a log that exceeds 4 MiB to `<path>.1`, which it overwrites. The copy keeps the permissions. When
 * the disk has no space for the copy, deletes the content instead. Never throws.
 */
export function rotateLog(path: string): void {
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES) moveContent(path);
  } catch {
    // The next rotation tries again. A log must not end the platform.
  }
}

function moveContent(path: string): void {
  const copy = `${path}.1`;
  try {
    copyFileSync(path, copy);
  } catch {
    rmSync(copy, { force: true });
  }
  // The log keeps its inode, because PostgreSQL has the file open.
  truncateSync(path);
}
