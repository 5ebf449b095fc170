import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What ours is compared with. Not in the lockfile, because nobody who runs the platform needs them. */
export const PEERS = { bullmq: '6.7.0', ioredis: '6.0.0', 'pg-boss': '12.38.0' } as const;

const FOLDER = join(import.meta.dirname, '..', '.peers');

/** Installs exactly these versions into a folder of their own, unless they are there. */
export function installPeers(): void {
  const isThere = Object.entries(PEERS).every(([name, version]) => versionOf(name) === version);
  if (isThere) return;
  process.stdout.write(
    `Installing ${Object.entries(PEERS)
      .map((peer) => peer.join(' '))
      .join(', ')} into bench/.peers ...\n`,
  );
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), `${JSON.stringify({ private: true, dependencies: PEERS }, null, 2)}\n`);
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    cwd: FOLDER,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The peers could not be installed.');
}

export function loadPeer<Module>(name: keyof typeof PEERS): Module {
  return createRequire(join(FOLDER, 'package.json'))(name) as Module;
}

function versionOf(name: string): string | undefined {
  const path = join(FOLDER, 'node_modules', name, 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : undefined;
}
