import { spawnSync } from 'node:child_process';
import { readProcFile, readProcStat, readThreadsCpuSeconds } from './proc-files.ts';

export interface ProcessSample {
  /** User and system time of all threads since the process started, on Linux exact, elsewhere with the resolution of `ps`. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** A process ended while it was measured. */
export class MeasuredProcessEndedError extends Error {
  override readonly name = 'MeasuredProcessEndedError';
}

/** Returns the CPU time and resident memory of a process. Throws `MeasuredProcessEndedError` when it has ended. */
export function sampleProcess(pid: number): ProcessSample {
  const sample = process.platform === 'linux' ? sampleByProc(pid) : sampleByPs(pid);
  if (!sample) throw new MeasuredProcessEndedError(`The measured process ${pid} has ended.`);
  return sample;
}

/** Returns the sum over these processes. Throws when one of them has ended. */
export function sampleProcesses(pids: readonly number[]): ProcessSample {
  const samples = pids.map(sampleProcess);
  return {
    cpuSeconds: samples.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    residentBytes: samples.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  };
}

function sampleByProc(pid: number): ProcessSample | null {
  const stat = readProcStat(pid);
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readProcFile(`/proc/${pid}/status`))?.[1];
  // A zombie process still has CPU times, but no memory.
  if (!stat || !resident) return null;
  // The first time counts in steps of 10 ms and includes threads that have ended, the second one is exact for living threads.
  return { cpuSeconds: Math.max(stat.cpuSeconds, readThreadsCpuSeconds(pid)), residentBytes: Number(resident) * 1_024 };
}

function sampleByPs(pid: number): ProcessSample | null {
  const { stdout } = spawnSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' } });
  return parsePsSample(stdout ?? '');
}

/** Parses the output of `ps -o time=,rss=`. Returns null when the process has ended. */
export function parsePsSample(output: string): ProcessSample | null {
  const [, time, kilobytes] = /^\s*([\d:.]+)\s+(\d+)/.exec(output) ?? [];
  return time === undefined ? null : { cpuSeconds: parsePsTime(time), residentBytes: Number(kilobytes) * 1_024 };
}

/** Parses a CPU time such as `1:02:03` or `2:03.45` into seconds. */
function parsePsTime(text: string): number {
  return text.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}
