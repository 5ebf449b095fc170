import { copyFileSync, openSync, statSync, truncateSync } from 'node:fs';

const LOG_MAX_BYTES = 4 * 1024 * 1024;

/** Opens a log for appending and returns its file descriptor, for a child process. */
export const openLog = (path: string): number => openSync(path, 'a', 0o600);

/** Moves the content of a log that exceeds 4 MiB to `<path>.1`, which it overwrites. The copy keeps the permissions. */
export function rotateLog(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= LOG_MAX_BYTES) return;
  copyFileSync(path, `${path}.1`);
  // The log keeps its inode, because PostgreSQL has the file open.
  truncateSync(path);
}
