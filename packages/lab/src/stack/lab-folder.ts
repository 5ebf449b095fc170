import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readRecord } from '@prodigon/stack';

/** A data folder of its own. */
export function makeLabFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-lab-'));
  // As root the database's server is another user, who has to pass through.
  chmodSync(folder, 0o711);
  return folder;
}

/** Removes it, and the database wherever its server had to put it. */
export function removeLabFolder(folder: string): void {
  const database = readRecord(folder)?.folder;
  if (database) rmSync(dirname(database), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
