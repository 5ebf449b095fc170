import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Program {
  /** Possible names, the preferred one first. */
  readonly names: readonly string[];
  /** The Debian package that contains the preferred one. */
  readonly debianPackage: string;
}

/** Programs other than Node.js that the tests run. */
export const PROGRAMS = {
  // The headless shell needs 0.8 CPU seconds to open a page of the web UI, and the whole Chromium 2.0.
  chromium: {
    names: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium-headless-shell',
  },
  make: { names: ['make'], debianPackage: 'make' },
  curl: { names: ['curl'], debianPackage: 'curl' },
  python: { names: ['python3'], debianPackage: 'python3' },
  pgbouncer: { names: ['pgbouncer'], debianPackage: 'pgbouncer' },
  nginx: { names: ['nginx'], debianPackage: 'nginx-light' },
  promtool: { names: ['promtool'], debianPackage: 'prometheus' },
  redis: { names: ['redis-server', 'valkey-server'], debianPackage: 'redis-server' },
  openssl: { names: ['openssl'], debianPackage: 'openssl' },
} as const satisfies Record<string, Program>;

/** Debian's folder of server programs, which the PATH of ordinary users does not contain. */
const SERVER_FOLDER = '/usr/sbin';

/** Returns the path of a program on PATH, or undefined. */
export function findProgram({ names }: Pick<Program, 'names'>): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), SERVER_FOLDER];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** Returns the path of a program. Throws an error that names the package to install. */
export function requireProgram(program: Program): string {
  const path = findProgram(program);
  if (path === undefined) throw new Error(installationHint(program));
  return path;
}

/**
 * Installs the preferred variant of a program when it is missing. When that fails, an installed variant is used. Without
 * one, throws an error that names the package to install.
 */
export function ensureProgram(program: Program): void {
  if (findProgram({ names: program.names.slice(0, 1) })) return;
  try {
    installProgram(program);
  } catch (thrown) {
    if (!findProgram(program)) throw thrown;
  }
}

/** Installs the Debian package as root. Otherwise throws an error that names the package to install. */
function installProgram(program: Program): void {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) throw new Error(installationHint(program));
  const options: ExecFileSyncOptions = {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  process.stdout.write(`Installing ${program.names[0]} (Debian's package ${program.debianPackage}) ...\n`);
  try {
    execFileSync('apt-get', ['update'], options);
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', program.debianPackage], options);
  } catch (cause) {
    throw new Error(`${installationHint(program)} Installing Debian's package ${program.debianPackage} failed.`, { cause });
  }
  requireProgram(program);
}

function installationHint({ names, debianPackage }: Program): string {
  return `The tests need ${names.join(' or ')} on PATH. Install it, e.g. Debian's package ${debianPackage}, and run them again.`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
