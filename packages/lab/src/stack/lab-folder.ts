import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readRecord } from '@prodigon/stack';

const NAME = /^prodigon-lab-(\d+)-/;

/** Creates a temporary data folder. Its name contains the pid of this process, so that a sweep recognizes folders without an owner. */
export function makeLabFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), `prodigon-lab-${process.pid}-`));
  // When this process runs as root, the database server runs as another user and must traverse the folder.
  chmodSync(folder, 0o711);
  return folder;
}

/** Returns the pid of the process that made the folder with this name; null for another name. */
export function ownerOfLabFolder(name: string): number | null {
  const pid = NAME.exec(name)?.[1];
  return pid === undefined ? null : Number(pid);
}

/** Removes the folder and the database cluster, which can be in another place. */
export function removeLabFolder(folder: string): void {
  const database = readRecord(folder)?.folder;
  if (database) rmSync(dirname(database), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
