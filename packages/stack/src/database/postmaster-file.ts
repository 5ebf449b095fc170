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
  const file = readPostmasterFile(folder);
  const identity = file && identifyProcess(file.pid);
  if (!identity) return null;
  if (!readCommandLine(file.pid).includes(folder)) {
    rmSync(postmasterFilePath(folder), { force: true });
    return null;
  }
  return { identity, port: file.port, isReady: file.isReady };
}

function readPostmasterFile(folder: string) {
  try {
    return parsePostmasterFile(readFileSync(postmasterFilePath(folder), 'utf8'));
  } catch {
    return null;
  }
}

/** Parses a pid file. Returns null when it names no server, because it is incomplete or of PostgreSQL's single-user mode. */
export function parsePostmasterFile(text: string): { pid: number; port: number; isReady: boolean } | null {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  // The pid of the single-user mode is negative.
  return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' } : null;
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
