import { spawnSync } from 'node:child_process';
import { StackError } from '../stack-error.ts';

/** The operating system user that runs the server. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'postgres';

/**
 * Returns the user for the server; null when the server can run as the current user. PostgreSQL does not run as root, so
 * root receives the user `postgres`, which this function creates if necessary. Throws a `StackError` when that fails.
 */
export function findServerUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  if (!lookUpServerUser()) createServerUser();
  const user = lookUpServerUser();
  if (!user) {
    throw new StackError(
      `PostgreSQL does not run as root, and the user "${NAME}" could not be created. Start Prodigon as another user, or set DATABASE_URL.`,
    );
  }
  return user;
}

function lookUpServerUser(): ServerUser | null {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, NAME], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  });
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid: Number(uid), gid: Number(gid) } : null;
}

function createServerUser(): void {
  const run = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
  // Alpine has only the second command of each pair. The group may already exist.
  if (!run('groupadd', '--system', NAME)) run('addgroup', '-S', NAME);
  if (!run('useradd', '--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME))
    run('adduser', '-S', '-D', '-H', '-G', NAME, NAME);
}
