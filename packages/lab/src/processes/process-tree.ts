import { readdirSync } from 'node:fs';
import { readProcFile, readProcStat } from './proc-files.ts';

/** Of a process and everything below it, by proportional set size: memory that they share is counted once. In MB. */
export function sharedMegabytesOfTree(root: number): number {
  const kilobytes = treeOf([root]).map((pid) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(readProcFile(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
  );
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1_000;
}

/** CPU seconds of these processes and everything below them, also of what has ended below them since. Linux only. */
export function cpuSecondsOfTrees(roots: readonly number[]): number {
  const stats = treeOf(roots).map(readProcStat);
  return stats.reduce((sum, stat) => sum + (stat ? stat.cpuSeconds + stat.endedChildrenCpuSeconds : 0), 0);
}

function treeOf(roots: readonly number[]): number[] {
  const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  const all = pids.map((pid) => ({ pid, parent: readProcStat(pid)?.parent }));
  const tree = new Set(roots);
  // A set is walked in the order of insertion, what is added on the way included.
  for (const above of tree) for (const { pid, parent } of all) if (parent === above) tree.add(pid);
  return [...tree];
}
