import { spawnSync } from 'node:child_process';

/** A user of the operating system. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
  /** True if this process has created the user. */
  readonly isCreated?: true;
}

/** Runs a program and returns its output; null when it fails or does not exist. */
export type RunProgram = (program: string, ...args: string[]) => string | null;

const runProgram: RunProgram = (program, ...args) => {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout : null;
};

/** Returns the user with this name, and creates it if it does not exist. Returns null when that fails. Requires root. */
export function ensureSystemUser(name: string, run: RunProgram = runProgram): SystemUser | null {
  const existing = lookUpUser(name, run);
  if (existing) return existing;
  createUser(name, run);
  const created = lookUpUser(name, run);
  return created && { ...created, isCreated: true };
}

function lookUpUser(name: string, run: RunProgram): SystemUser | null {
  const [uid, gid] = ['-u', '-g'].map((flag) => run('id', flag, name));
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

function createUser(name: string, run: RunProgram): void {
  // Alpine has only the second command of each pair. The group may already exist.
  run('groupadd', '--system', name) ?? run('addgroup', '-S', name);
  run('useradd', '--system', '--gid', name, '--no-create-home', '--shell', '/usr/sbin/nologin', name) ??
    run('adduser', '-S', '-D', '-H', '-G', name, name);
}
