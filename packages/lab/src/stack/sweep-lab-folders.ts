import { lstatSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findStacks, stopRunningStack } from '@prodigon/stack';
import { ownerOfLabFolder, removeLabFolder } from './lab-folder.ts';

export interface SweepOptions {
  /** The folder of the temporary folders. */
  readonly parent?: string;
  readonly isRunning?: (pid: number) => boolean;
}

/**
 * Stops the platforms that killed processes have left behind, and removes their folders. Returns the removed folders. Folders of
 * running processes and of other users stay.
 */
export async function sweepLabFolders({ parent = tmpdir(), isRunning = isProcessRunning }: SweepOptions = {}): Promise<string[]> {
  const removed: string[] = [];
  for (const name of readdirSync(parent)) {
    const owner = ownerOfLabFolder(name);
    const folder = join(parent, name);
    if (owner === null || !isOwnFolder(folder) || !isAbandoned(folder, isRunning(owner))) continue;
    try {
      await stopRunningStack({ dataDirectory: folder, onEvent: () => {} });
      removeLabFolder(folder);
      removed.push(folder);
    } catch {
      // A process that cannot be stopped must not prevent the next experiment, whose guards notice its load.
    }
  }
  return removed;
}

/** Another process can have the pid of the dead owner, but not the start time that the state of a platform contains. */
function isAbandoned(folder: string, isOwnerRunning: boolean): boolean {
  const stacks = findStacks(folder);
  return stacks.length === 0 ? !isOwnerRunning : stacks.every(({ phase }) => phase === 'crashed');
}

function isOwnFolder(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.getuid?.();
}

function isProcessRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
