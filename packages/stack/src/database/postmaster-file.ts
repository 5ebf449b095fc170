import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, type ProcessIdentity } from '../process-identity.ts';

/** A PostgreSQL server process and its state. */
export interface FoundPostmaster {
  readonly identity: ProcessIdentity;
  readonly port: number;
  readonly isReady: boolean;
}

const postmasterFilePath = (folder: string) => join(folder, 'postmaster.pid');

/**
 * Returns the running server that the pid file of this data folder names; null when none runs. Removes the pid file if its
 * pid belongs to another program, because PostgreSQL would refuse to start.
 */
export function findPostmaster(folder: string): FoundPostmaster | null {
  const lines = readLines(folder);
  const pid = Number(lines?.[0]);
  // A negative pid is PostgreSQL's single-user mode.
  const identity = Number.isInteger(pid) && pid > 0 ? identifyProcess(pid) : null;
  if (!lines || !identity) return null;
  if (!readCommandLine(pid).includes(folder)) {
    rmSync(postmasterFilePath(folder), { force: true });
    return null;
  }
  return { identity, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' };
}

function readLines(folder: string): string[] | null {
  try {
    return readFileSync(postmasterFilePath(folder), 'utf8').split('\n');
  } catch {
    return null;
  }
}

function readCommandLine(pid: number): string {
  if (process.platform !== 'linux')
    return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
