import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createFromDraft } from '../exclusive-file.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../process-identity.ts';

const ownerSchema = z.object({ pid: z.int(), started: z.string() });
/** The owner in a file that a power loss has damaged. It never runs. */
const UNKNOWN_OWNER: ProcessIdentity = { pid: 0, started: '' };

const ownerPath = (dataDirectory: string) => join(dataDirectory, 'database.owner');

/** Returns the running process that starts and stops the database of this DATA_DIR; null when none does. */
export function findOwner(dataDirectory: string): ProcessIdentity | null {
  const owner = readOwner(dataDirectory);
  return owner && isAlive(owner) ? owner : null;
}

/** Makes this process the owner. Returns false when a running process, including this one, already is the owner. */
export function claimOwnership(dataDirectory: string): boolean {
  const path = ownerPath(dataDirectory);
  const stale = readOwner(dataDirectory);
  if (stale && isAlive(stale)) return false;
  if (stale && stale.started === readOwner(dataDirectory)?.started) rmSync(path, { force: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identifyProcess(process.pid)), { mode: 0o600 });
  return createFromDraft(draft, path);
}

export function releaseOwnership(dataDirectory: string): void {
  rmSync(ownerPath(dataDirectory), { force: true });
}

/** Returns null without a file. */
function readOwner(dataDirectory: string): ProcessIdentity | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(ownerPath(dataDirectory), 'utf8')));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : UNKNOWN_OWNER;
  }
}
