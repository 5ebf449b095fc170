import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Program {
  /** Its possible names, the usual one first. */
  readonly names: readonly string[];
  /** The Debian package that contains it. */
  readonly debianPackage: string;
}

/** Programs other than Node that the tests run. */
export const PROGRAMS = {
  chromium: { names: ['chromium', 'chromium-browser', 'google-chrome'], debianPackage: 'chromium' },
  make: { names: ['make'], debianPackage: 'make' },
  curl: { names: ['curl'], debianPackage: 'curl' },
  python: { names: ['python3'], debianPackage: 'python3' },
} as const satisfies Record<string, Program>;

/** Returns its path on PATH. */
export function findProgram({ names }: Program): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

/** Returns its path. Throws an error that says what to install. */
export function requireProgram(program: Program): string {
  const path = findProgram(program);
  if (path === undefined) throw new Error(adviceFor(program));
  return path;
}

/** Installs the Debian package as root. Elsewhere throws an error that says what to install. */
export function installProgram(program: Program): void {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) throw new Error(adviceFor(program));
  const options: ExecFileSyncOptions = {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  try {
    execFileSync('apt-get', ['update'], options);
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', program.debianPackage], options);
  } catch (cause) {
    throw new Error(`${adviceFor(program)} Installing Debian's package ${program.debianPackage} failed.`, { cause });
  }
  requireProgram(program);
}

function adviceFor({ names, debianPackage }: Program): string {
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
