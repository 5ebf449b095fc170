import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServerUser } from './server-user.ts';

/** Returns whether this user has search permission on a folder and all of its parents. Returns false if it does not exist. */
export function canTraverse(folder: string, { uid, gid }: ServerUser): boolean {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (!status?.isDirectory()) return false;
  const executable = status.uid === uid ? 0o100 : status.gid === gid ? 0o010 : 0o001;
  if ((status.mode & executable) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || canTraverse(parent, { uid, gid });
}
