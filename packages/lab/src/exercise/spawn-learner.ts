import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./learner-main.ts', import.meta.url));

/**
 * Starts a watchdog in the same process group, which waits until the pipe of the checker closes and then kills the group. The
 * learner's code therefore ends with the checker, even if the code blocks its event loop or the checker is killed. `exec` keeps
 * the process id.
 */
const SCRIPT = 'ulimit -c 0; (cat <&4; kill -9 0) 3<&- >/dev/null 2>&1 & exec "$@" 4<&-';

export interface SpawnLearnerOptions {
  readonly driver: string;
  readonly learnerFolder: string;
  readonly repositoryFolder: string;
  readonly memoryMb: number;
  /** What the messages of the process contain. */
  readonly secret: string;
}

/**
 * Starts the process with the learner's code as the leader of a new process group. Node's permission model denies
 * processes, workers, native modules and writes, and limits reads to the code of the repository.
 */
export function spawnLearner({ driver, learnerFolder, repositoryFolder, memoryMb, secret }: SpawnLearnerOptions): ChildProcess {
  const readable = [
    join(repositoryFolder, 'node_modules'),
    realpathSync(join(repositoryFolder, 'node_modules')),
    join(repositoryFolder, 'packages'),
    join(repositoryFolder, 'package.json'),
    dirname(dirname(driver)),
    learnerFolder,
    join(learnerFolder, '../package.json'),
    join(learnerFolder, '../node_modules'),
    dirname(MAIN),
    join(dirname(MAIN), '../../package.json'),
  ];
  const flags = [
    '--permission',
    ...[...new Set(readable)].map((path) => `--allow-fs-read=${path}`),
    // Lets the checker pause an endless loop and name its line.
    '--allow-inspector',
    '--inspect-port=127.0.0.1:0',
    '--no-warnings',
    `--max-old-space-size=${memoryMb}`,
  ];
  const command = [process.execPath, ...flags, MAIN, driver, learnerFolder, secret];
  return spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...command], {
    cwd: learnerFolder,
    detached: true,
    // Some variables of the platform are secrets, so the process receives none of them.
    env: { PATH: process.env.PATH, LANG: process.env.LANG, TZ: process.env.TZ },
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
  });
}

/** Kills the process, its watchdog and every process of their group. */
export function killLearner(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has ended.
  }
}
