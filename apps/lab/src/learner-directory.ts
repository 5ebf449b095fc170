import { accessSync, constants, lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '@prodigon/platform';

/**
 * Creates the folder of the learner. With `user`, the user to which this process will switch, gives everything in the folder
 * to that user; root, who edits the files, may still change them. Throws a `ConfigurationError` when it cannot be written.
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
