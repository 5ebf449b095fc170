import { lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, serviceUserOf } from './drop-privileges.ts';

/**
 * Creates a folder for a service that switches from root to another user. That user becomes the owner of the folder and of
 * everything that root has stored in it. Does nothing without the rights of root: the service then creates its folders itself.
 */
export function prepareServiceFolder(path: string, env: NodeJS.ProcessEnv): void {
  const user = serviceUserOf(env);
  if (!user || !isRoot()) return;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  // Another owner could have linked files of root into the folder.
  if (lstatSync(path).uid === 0) changeOwner(path, user);
}

/** Does not follow links. The folder comes last, so that an interrupted change is repeated. */
function changeOwner(path: string, user: { uid: number; gid: number }): void {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) changeOwner(join(path, name), user);
  lchownSync(path, user.uid, user.gid);
}
