import type { StackEvent } from '../stack-event.ts';
import { readRecord } from './connection-record.ts';
import { findOwner } from './database-owner.ts';
import { type FoundPostmaster, findPostmaster } from './postmaster-file.ts';
import { stopPostmaster } from './stop-postmaster.ts';

/** Returns the running embedded server whose owner has ended; null when there is none. */
export function findOrphanedDatabase(dataDirectory: string): FoundPostmaster | null {
  const record = readRecord(dataDirectory);
  return record && !findOwner(dataDirectory) ? findPostmaster(record.folder) : null;
}

/** Stops the orphaned server without data loss. Returns whether there was one. Throws a `StackError` when it does not stop. */
export async function stopOrphanedDatabase(dataDirectory: string, onEvent: (event: StackEvent) => void): Promise<boolean> {
  const orphan = findOrphanedDatabase(dataDirectory);
  if (!orphan) return false;
  const { pid } = orphan.identity;
  onEvent({
    type: 'orphan',
    service: 'database',
    message: `The database of an earlier start still runs (pid ${pid}). Stopping it.`,
  });
  await stopPostmaster(orphan.identity);
  return true;
}
