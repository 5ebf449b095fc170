import { readMachineCpuSeconds } from '../processes/proc-files.ts';
import { cpuSecondsOfTrees } from '../processes/process-tree.ts';

/** CPU time used so far, in seconds. */
export interface CpuReading {
  /** Time of the reading on the clock of `performance.now()`. */
  readonly atMs: number;
  /** CPU time of all processes of the machine. */
  readonly machine: number;
  /** CPU time of this process, the measured processes and all their descendants. */
  readonly own: number;
}

/** Reads the CPU time used so far. `pids` are measured processes that this process did not start. Returns null except on Linux. */
export function readCpu(pids: readonly number[]): CpuReading | null {
  const machine = readMachineCpuSeconds();
  return machine === null ? null : { atMs: performance.now(), machine, own: cpuSecondsOfTrees([process.pid, ...pids]) };
}

/** Returns the CPU time that other programs used between two readings, as a share of one CPU. */
export function foreignShare(from: CpuReading, to: CpuReading): number {
  const seconds = (to.atMs - from.atMs) / 1_000;
  return Math.max(0, to.machine - from.machine - (to.own - from.own)) / seconds;
}
