import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from '../stack-error.ts';
import type { DatabasePlace } from './database-location.ts';
import type { ServerAccount } from './server-user.ts';

export const SUPERUSER = 'prodigon';

/**
 * Makes PostgreSQL's data folder under a random password. `beforeItCounts` gets the password before the folder has its
 * final name, so that there is never one whose password nobody knows. Throws a `StackError` with PostgreSQL's own last words.
 */
export async function initialiseCluster(
  { parent, folder, binaries }: DatabasePlace,
  account: ServerAccount | null,
  beforeItCounts: (password: string) => void,
): Promise<void> {
  const draft = `${folder}.new`;
  const passwordFile = join(parent, 'database.password');
  const password = randomBytes(32).toString('base64url');
  // What a start that was killed midway has left.
  for (const leftover of [draft, passwordFile]) rmSync(leftover, { recursive: true, force: true });
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (account) for (const path of [draft, passwordFile]) chownSync(path, account.uid, account.gid);
    await run(
      join(binaries.directory, 'bin', 'initdb'),
      [
        `--pgdata=${draft}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The server's own locale: the same order of texts on every machine, whatever is installed there.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      account,
    );
    beforeItCounts(password);
    renameSync(draft, folder);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(program: string, args: string[], account: ServerAccount | null): Promise<void> {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  const child = spawn(program, args, { ...account, env, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new StackError(`The database could not be made: ${reason}`));
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) =>
      code === 0 ? resolve() : fail(lastLine(words) || `initdb ended with ${code ?? signal}.`),
    );
  });
}

function lastLine(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => line.includes('error:')) ?? lines.at(-1) ?? '';
}
