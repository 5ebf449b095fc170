import { lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, serviceUserOf } from './drop-privileges.ts';

/**
 * Creates a folder that a service writes after it has switched from root to another user, who becomes the owner of it and of
 * what root has stored in it. Does nothing without the rights of root: then the service creates the folder when it needs it.
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
