import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process and its start time. A pid alone is not enough, because the operating system reuses pids. */
export interface ProcessIdentity {
  readonly pid: number;
  /** An opaque start time; equal for the same process only. */
  readonly started: string;
}

/** Returns the identity of a running process; null when no process has this pid, or only a zombie. */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const started = process.platform === 'linux' ? startedByProc(pid) : startedByPs(pid);
  return started === null ? null : { pid, started };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.started === identity.started;
}

/** Signals exactly this process. Returns false when it has ended or this user may not signal it. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    return false;
  }
}

/** Returns the boot id and the start time in clock ticks since that boot (field 22 of `/proc/<pid>/stat`). */
function startedByProc(pid: number): string | null {
  try {
    const ticks = parseStartTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return ticks === null ? null : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return null;
  }
}

/** Returns the start time in a `/proc/<pid>/stat` file; null for a zombie. */
export function parseStartTicks(stat: string): string | null {
  // The second field is the program's name in brackets, which may contain spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function startedByPs(pid: number): string | null {
  const result = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return parseStartTime(result.stdout ?? '');
}

/** Returns the start time in the output of `ps -o state=,lstart=`; null for a zombie or without a process. */
export function parseStartTime(output: string): string | null {
  const [, state, started] = /^\s*(\S+)\s+(.+?)\s*$/.exec(output) ?? [];
  return started === undefined || state?.startsWith('Z') ? null : started;
}
