import { accessSync, constants, lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '@prodigon/platform';

/**
 * Creates the learner's folder. If this process later switches to another user, that `user` becomes the owner of everything in
 * the folder. Root can edit the files in any case. Throws a `ConfigurationError` if the folder is not writable.
 */
export function prepareLearnerDirectory(path: string, user: { uid: number; gid: number } | null): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    if (user) changeOwner(path, user);
  } catch (error) {
    throw new ConfigurationError([`The folder ${path} cannot be written (${(error as NodeJS.ErrnoException).code})`]);
  }
}

/** Does not follow links, which could lead out of the folder. */
function changeOwner(path: string, user: { uid: number; gid: number }): void {
  const stats = lstatSync(path);
  if (stats.uid !== user.uid || stats.gid !== user.gid) lchownSync(path, user.uid, user.gid);
  if (stats.isDirectory()) for (const name of readdirSync(path)) changeOwner(join(path, name), user);
}
