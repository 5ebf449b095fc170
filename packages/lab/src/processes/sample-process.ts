import { spawnSync } from 'node:child_process';
import { readProcFile, readProcStat } from './proc-files.ts';

export interface ProcessSample {
  /** User and system time since it began, of all its threads, to 10 ms. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** Throws when the process has ended. */
export function sampleProcess(pid: number): ProcessSample {
  const sample = process.platform === 'linux' ? sampleByProc(pid) : sampleByPs(pid);
  if (!sample) throw new Error(`Process ${pid}, which was to be measured, has ended.`);
  return sample;
}

/** The sum over these processes. Throws when one of them has ended. */
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
  // What has ended and was not waited for yet has times still, but no memory.
  return stat && resident ? { cpuSeconds: stat.cpuSeconds, residentBytes: Number(resident) * 1_024 } : null;
}

function sampleByPs(pid: number): ProcessSample | null {
  const { stdout } = spawnSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' } });
  const [, time, kilobytes] = /^\s*([\d:.]+)\s+(\d+)/.exec(stdout ?? '') ?? [];
  return time === undefined ? null : { cpuSeconds: parsePsTime(time), residentBytes: Number(kilobytes) * 1_024 };
}

/** As in `1:02:03` or `2:03.45`. */
function parsePsTime(text: string): number {
  return text.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}
