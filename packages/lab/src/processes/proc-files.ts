import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, the unit in which Linux reports CPU time, is 100 on all common platforms. */
const TICKS_PER_S = 100;
const NS_PER_S = 1e9;

export interface ProcStat {
  readonly parent: number;
  readonly cpuSeconds: number;
  /** CPU time of descendants that have ended and were reaped. */
  readonly endedChildrenCpuSeconds: number;
}

/** Returns null when the process has ended, and on other systems than Linux. */
export function readProcStat(pid: number): ProcStat | null {
  const stat = readProcFile(`/proc/${pid}/stat`);
  return stat === '' ? null : parseProcStat(stat);
}

/** Parses a `/proc/<pid>/stat` file. */
export function parseProcStat(stat: string): ProcStat {
  // The process name before the fields can contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (...indexes: number[]) => indexes.reduce((sum, index) => sum + Number(fields[index]), 0) / TICKS_PER_S;
  return { parent: Number(fields[1]), cpuSeconds: seconds(11, 12), endedChildrenCpuSeconds: seconds(13, 14) };
}

/** Returns the CPU time of the living threads of a process, exact to microseconds. Returns 0 where Linux does not count it. */
export function readThreadsCpuSeconds(pid: number): number {
  const seconds = listThreads(pid).map((thread) => parseSchedstat(readProcFile(`/proc/${pid}/task/${thread}/schedstat`)));
  return seconds.reduce((sum, each) => sum + each, 0);
}

/** Returns the CPU time in a `schedstat` file, in seconds. */
export function parseSchedstat(schedstat: string): number {
  return Number(schedstat.split(' ')[0]) / NS_PER_S;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Returns an empty string when the process has ended. */
export function readProcFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Returns the CPU time that all programs of this machine have used, in seconds. Returns null except on Linux. */
export function readMachineCpuSeconds(): number | null {
  return parseMachineCpuSeconds(readProcFile('/proc/stat'));
}

/** Returns the CPU time in a `/proc/stat` file, in seconds, without idle time; null when the file has none. */
export function parseMachineCpuSeconds(stat: string): number | null {
  const [, times] = /^cpu +(.+)$/m.exec(stat) ?? [];
  if (times === undefined) return null;
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = times.split(' ').map(Number);
  return (user + nice + system + interrupts + softInterrupts) / TICKS_PER_S;
}
