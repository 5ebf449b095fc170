import { readFileSync } from 'node:fs';

/** What Linux counts CPU time in for programs, whatever its own clock: 1/100 s. */
const TICKS_PER_S = 100;

export interface ProcStat {
  readonly parent: number;
  readonly cpuSeconds: number;
  /** Of the children that have ended and been waited for, and of theirs. */
  readonly endedChildrenCpuSeconds: number;
}

/** Null when the process has ended, or this is not Linux. */
export function readProcStat(pid: number): ProcStat | null {
  const stat = readProcFile(`/proc/${pid}/stat`);
  if (stat === '') return null;
  // The name before it may hold anything, even a bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (...indexes: number[]) => indexes.reduce((sum, index) => sum + Number(fields[index]), 0) / TICKS_PER_S;
  return { parent: Number(fields[1]), cpuSeconds: seconds(11, 12), endedChildrenCpuSeconds: seconds(13, 14) };
}

/** Empty when the process has ended meanwhile. */
export function readProcFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** CPU time that all programs of this machine have used, in seconds; null where only Linux would say. */
export function readMachineCpuSeconds(): number | null {
  const [, times] = /^cpu +(.+)$/m.exec(readProcFile('/proc/stat')) ?? [];
  if (times === undefined) return null;
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = times.split(' ').map(Number);
  return (user + nice + system + interrupts + softInterrupts) / TICKS_PER_S;
}
