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
export function findServerUser(currentUid = process.getuid?.(), run: RunProgram = runProgram): ServerUser | null {
  if (currentUid !== 0) return null;
  if (!lookUpServerUser(run)) createServerUser(run);
  const user = lookUpServerUser(run);
  if (!user) {
    throw new StackError(
      `PostgreSQL does not run as root, and the user "${NAME}" could not be created. Start Prodigon as another user, or set DATABASE_URL.`,
    );
  }
  return user;
}

/** Runs a program and returns its output; null when it fails or does not exist. */
type RunProgram = (program: string, ...args: string[]) => string | null;

const runProgram: RunProgram = (program, ...args) => {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout : null;
};

function lookUpServerUser(run: RunProgram): ServerUser | null {
  const [uid, gid] = ['-u', '-g'].map((flag) => run('id', flag, NAME));
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

function createServerUser(run: RunProgram): void {
  // Alpine has only the second command of each pair. The group may already exist.
  run('groupadd', '--system', NAME) ?? run('addgroup', '-S', NAME);
  run('useradd', '--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME) ??
    run('adduser', '-S', '-D', '-H', '-G', NAME, NAME);
}
