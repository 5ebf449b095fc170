import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServerAccount } from './server-user.ts';

/** Whether this user may enter the folder, going by the permissions of it and of all above it. A folder that is not there may not be entered. */
export function canEnter(folder: string, { uid, gid }: ServerAccount): boolean {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (!status?.isDirectory()) return false;
  const executable = status.uid === uid ? 0o100 : status.gid === gid ? 0o010 : 0o001;
  if ((status.mode & executable) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || canEnter(parent, { uid, gid });
}
