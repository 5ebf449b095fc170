import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from '../stack-error.ts';
import { canTraverse } from './folder-permissions.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { ServerUser } from './server-user.ts';

/** A folder for files that the server's user must be able to read. */
const SHARED_DIRECTORY = '/var/lib/prodigon';

export interface DatabaseLocation {
  /** An existing folder that contains the data folder and the temporary files of its initialization. */
  readonly parent: string;
  /** PostgreSQL's data folder; may not exist yet. */
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  /** Sentences for the operator. */
  readonly notices: readonly string[];
}

export interface DatabaseLocationOptions {
  /** An existing folder. */
  readonly dataDirectory: string;
  readonly binaries: PostgresBinaries;
  readonly serverUser: ServerUser | null;
  readonly sharedDirectory?: string;
}

/**
 * Returns the folders of the database and of PostgreSQL: DATA_DIR and node_modules, or a shared folder if the server's user
 * cannot traverse them.
 */
export function chooseDatabaseLocation({
  dataDirectory,
  binaries,
  serverUser,
  sharedDirectory = SHARED_DIRECTORY,
}: DatabaseLocationOptions): DatabaseLocation {
  const real = realpathSync(dataDirectory);
  if (serverUser === null) return { parent: real, folder: join(real, 'database'), binaries, notices: [] };
  const notices: string[] = [];
  let parent = real;
  if (!canTraverse(real, serverUser)) {
    const key = createHash('sha256').update(real).digest('hex').slice(0, 16);
    parent = join(sharedDirectory, key);
    createSharedDirectory(parent);
    notices.push(`PostgreSQL cannot run as root, and its user cannot enter ${real}. The database is in ${parent}.`);
  }
  const accessible = canTraverse(join(binaries.directory, 'bin'), serverUser)
    ? binaries
    : copyBinaries(binaries, sharedDirectory);
  if (accessible !== binaries)
    notices.push(`The user of PostgreSQL cannot enter node_modules. PostgreSQL runs from a copy in ${accessible.directory}.`);
  return { parent, folder: join(parent, 'database'), binaries: accessible, notices };
}

function copyBinaries(binaries: PostgresBinaries, sharedDirectory: string): PostgresBinaries {
  const directory = join(sharedDirectory, `postgresql-${binaries.version}`);
  if (!existsSync(directory)) {
    createSharedDirectory(sharedDirectory);
    const draft = `${directory}.${process.pid}`;
    cpSync(binaries.directory, draft, { recursive: true, verbatimSymlinks: true });
    grantReadAccess(draft);
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

function grantReadAccess(path: string): void {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return;
  const isExecutable = status.isDirectory() || (status.mode & 0o100) !== 0;
  chmodSync(path, status.mode | (isExecutable ? 0o555 : 0o444));
  if (status.isDirectory()) for (const name of readdirSync(path)) grantReadAccess(join(path, name));
}

function createSharedDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    chmodSync(path, 0o755);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StackError(
      `The user of PostgreSQL cannot enter DATA_DIR, and the folder ${path} cannot be created (${code}). Set DATA_DIR to a folder that every user can enter, or set DATABASE_URL.`,
      1,
      { cause },
    );
  }
}
