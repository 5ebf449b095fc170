import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from '../stack-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { canEnter } from './reachable.ts';
import type { ServerAccount } from './server-user.ts';

/** Holds the files that the server's user must be able to reach. */
const SHARED_DIRECTORY = '/var/lib/prodigon';

export interface DatabasePlace {
  /** Holds the data folder and temporary files of its initialization. Exists. */
  readonly parent: string;
  /** PostgreSQL's data folder; may not exist yet. */
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  /** Sentences for the operator. */
  readonly notices: readonly string[];
}

export interface PlaceOptions {
  /** Exists. */
  readonly dataDirectory: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | null;
  readonly sharedDirectory?: string;
}

/** Returns folders in DATA_DIR and node_modules, or, when the server's user cannot enter those, a folder that every user can enter. */
export function choosePlace({
  dataDirectory,
  binaries,
  account,
  sharedDirectory = SHARED_DIRECTORY,
}: PlaceOptions): DatabasePlace {
  const real = realpathSync(dataDirectory);
  if (account === null) return { parent: real, folder: join(real, 'database'), binaries, notices: [] };
  const notices: string[] = [];
  let parent = real;
  if (!canEnter(real, account)) {
    const key = createHash('sha256').update(real).digest('hex').slice(0, 16);
    parent = join(sharedDirectory, key);
    createOpenDirectory(parent);
    notices.push(`We are root and PostgreSQL may not be, and its user cannot enter ${real}: the database is in ${parent}.`);
  }
  const reachable = canEnter(join(binaries.directory, 'bin'), account) ? binaries : copyBinaries(binaries, sharedDirectory);
  if (reachable !== binaries) notices.push(`PostgreSQL itself runs from a copy in ${reachable.directory}, for the same reason.`);
  return { parent, folder: join(parent, 'database'), binaries: reachable, notices };
}

function copyBinaries(binaries: PostgresBinaries, sharedDirectory: string): PostgresBinaries {
  const directory = join(sharedDirectory, `postgresql-${binaries.version}`);
  if (!existsSync(directory)) {
    createOpenDirectory(sharedDirectory);
    const draft = `${directory}.${process.pid}`;
    cpSync(binaries.directory, draft, { recursive: true, verbatimSymlinks: true });
    openToAll(draft);
    try {
      renameSync(draft, directory);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // A concurrent start was faster.
      if (!existsSync(directory)) throw error;
    }
  }
  return { ...binaries, directory };
}

function openToAll(path: string): void {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return;
  const mayRun = status.isDirectory() || (status.mode & 0o100) !== 0;
  chmodSync(path, status.mode | (mayRun ? 0o555 : 0o444));
  if (status.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}

function createOpenDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    chmodSync(path, 0o755);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StackError(
      `PostgreSQL's user can enter neither DATA_DIR nor ${path}, which cannot be made (${code}). Set DATA_DIR to a folder that every user can enter, or set DATABASE_URL.`,
      1,
      { cause },
    );
  }
}
