import { readMachineCpuSeconds } from '../processes/proc-files.ts';
import { cpuSecondsOfTrees } from '../processes/process-tree.ts';

/** What the whole machine and what we ourselves have used so far, in CPU seconds, at a time in ms. */
export interface CpuReading {
  readonly atMs: number;
  readonly machine: number;
  readonly own: number;
}

/** `pids`: what is measured. Whatever this process has started is our own anyway. Null where only Linux would say. */
export function readCpu(pids: readonly number[]): CpuReading | null {
  const machine = readMachineCpuSeconds();
  return machine === null ? null : { atMs: performance.now(), machine, own: cpuSecondsOfTrees([process.pid, ...pids]) };
}

/** How much others have used between two readings, as a share of one CPU. */
export function foreignShare(from: CpuReading, to: CpuReading): number {
  const seconds = (to.atMs - from.atMs) / 1_000;
  return Math.max(0, to.machine - from.machine - (to.own - from.own)) / seconds;
}
