import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readRecord } from '@prodigon/stack';

/** Creates a temporary data folder. */
export function makeLabFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-lab-'));
  // When this process runs as root, the database server runs as another user and must traverse the folder.
  chmodSync(folder, 0o711);
  return folder;
}

/** Removes the folder and the database cluster, which can be in another place. */
export function removeLabFolder(folder: string): void {
  const database = readRecord(folder)?.folder;
  if (database) rmSync(dirname(database), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
