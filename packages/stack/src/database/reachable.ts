import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServerAccount } from './server-user.ts';

/** Returns whether the permissions of an existing folder, and of all folders above it, let this user enter it. */
export function canEnter(folder: string, { uid, gid }: ServerAccount): boolean {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (!status?.isDirectory()) return false;
  const executable = status.uid === uid ? 0o100 : status.gid === gid ? 0o010 : 0o001;
  if ((status.mode & executable) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || canEnter(parent, { uid, gid });
}
