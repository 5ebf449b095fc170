import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from '../stack-error.ts';
import type { DatabaseLocation } from './database-location.ts';
import type { ServerUser } from './server-user.ts';

export const SUPERUSER = 'prodigon';

/**
 * Initializes PostgreSQL's data folder with a random password. Calls `storePassword` before it gives the folder its final
 * name, so that the password of every finished folder is recorded. Throws a `StackError` with the error of `initdb`.
 */
export async function initializeCluster(
  { parent, folder, binaries }: DatabaseLocation,
  serverUser: ServerUser | null,
  storePassword: (password: string) => void,
  runInitdb: typeof run = run,
): Promise<void> {
  const draft = `${folder}.new`;
  const passwordFile = join(parent, 'database.password');
  const password = randomBytes(32).toString('base64url');
  // Remove the files of an interrupted initialization.
  for (const leftover of [draft, passwordFile]) rmSync(leftover, { recursive: true, force: true });
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (serverUser) for (const path of [draft, passwordFile]) chownSync(path, serverUser.uid, serverUser.gid);
    await runInitdb(
      join(binaries.directory, 'bin', 'initdb'),
      [
        `--pgdata=${draft}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The built-in locale sorts text the same way on every machine.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      serverUser,
    );
    storePassword(password);
    renameSync(draft, folder);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(program: string, args: string[], serverUser: ServerUser | null): Promise<void> {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  const child = spawn(program, args, { ...serverUser, env, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let errorOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new StackError(`The database could not be initialized: ${reason}`));
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) =>
      code === 0 ? resolve() : fail(findErrorLine(errorOutput) || `initdb ended with ${code ?? signal}.`),
    );
  });
}

/** Returns the first error in the output of `initdb`; its last line when there is none. */
export function findErrorLine(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => line.includes('error:')) ?? lines.at(-1) ?? '';
}
