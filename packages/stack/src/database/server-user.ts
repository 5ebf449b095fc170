import { spawnSync } from 'node:child_process';
import { StackError } from '../stack-error.ts';

/** The user that the server runs as. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'postgres';

/**
 * Returns null when the server can run as the current user. PostgreSQL does not run as root, so for root it returns the
 * user `postgres`, which it creates when there is none. Throws a `StackError` when that fails.
 */
export function findServerAccount(): ServerAccount | null {
  if (process.getuid?.() !== 0) return null;
  if (!lookUp()) createAccount();
  const account = lookUp();
  if (!account) {
    throw new StackError(
      `PostgreSQL does not run as root, and a user "${NAME}" to run it could not be made. Start Prodigon as another user, or set DATABASE_URL.`,
    );
  }
  return account;
}

function lookUp(): ServerAccount | null {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, NAME], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  });
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid: Number(uid), gid: Number(gid) } : null;
}

function createAccount(): void {
  const run = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
  // The fallbacks are for Alpine. An existing group is fine.
  if (!run('groupadd', '--system', NAME)) run('addgroup', '-S', NAME);
  if (!run('useradd', '--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME))
    run('adduser', '-S', '-D', '-H', '-G', NAME, NAME);
}
