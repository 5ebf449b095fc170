import { closeSync, copyFileSync, openSync, statSync, truncateSync } from 'node:fs';

const LONGEST_BYTES = 4 * 1024 * 1024;

/** Opens a log to be written at its end, for a child process. */
export const openLog = (path: string): number => openSync(path, 'a', 0o600);

/** Empties a log that has grown too long, and keeps what was in it as `<path>.1` until the next time. */
export function boundLog(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= LONGEST_BYTES) return;
  closeSync(openSync(`${path}.1`, 'a', 0o600));
  copyFileSync(path, `${path}.1`);
  // In place: who writes to it has it open.
  truncateSync(path);
}
