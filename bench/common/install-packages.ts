import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of installed peers. They are not in the lockfile, because the platform does not need them. */
export const PEERS_FOLDER = join(import.meta.dirname, '..', '.peers');

export interface Packages {
  /** Exact versions by name. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** npm overrides: exact versions of indirect dependencies. */
  readonly overrides?: Readonly<Record<string, string>>;
}

/** Installs exactly these versions into a folder, unless they are installed. Throws when npm fails. */
export function installPackages(folder: string, { dependencies, overrides = {} }: Packages): void {
  const wanted = Object.entries({ ...dependencies, ...overrides });
  if (wanted.every(([name, version]) => versionOf(folder, name) === version)) return;
  process.stdout.write(`Installing ${wanted.map((each) => each.join(' ')).join(', ')} into bench/.peers ...\n`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ private: true, dependencies, overrides }, null, 2)}\n`);
  const parameters = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
  const { status } = spawnSync('npm', parameters, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm could not install the peers.');
}

function versionOf(folder: string, name: string): string | undefined {
  const path = join(folder, 'node_modules', name, 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : undefined;
}
