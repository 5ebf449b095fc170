import { readdirSync } from 'node:fs';
import { readProcFile, readProcStat } from './proc-files.ts';

/** Returns the proportional set size of a process and its descendants, in MB. It counts shared memory once. */
export function sharedMegabytesOfTree(root: number): number {
  const kilobytes = treeOf([root]).map((pid) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(readProcFile(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
  );
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1_000;
}

/** Returns the CPU seconds of these processes and their descendants, including descendants that have ended. Linux only. */
export function cpuSecondsOfTrees(roots: readonly number[]): number {
  const stats = treeOf(roots).map(readProcStat);
  return stats.reduce((sum, stat) => sum + (stat ? stat.cpuSeconds + stat.endedChildrenCpuSeconds : 0), 0);
}

function treeOf(roots: readonly number[]): number[] {
  const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  return withDescendants(
    roots,
    pids.map((pid) => ({ pid, parent: readProcStat(pid)?.parent })),
  );
}

/** Returns the roots and all their descendants among the given processes, each once. */
export function withDescendants(
  roots: readonly number[],
  all: readonly { readonly pid: number; readonly parent: number | undefined }[],
): number[] {
  const tree = new Set(roots);
  // Iteration over a set includes elements added on the way, so this loop reaches all descendants.
  for (const ancestor of tree) for (const { pid, parent } of all) if (parent === ancestor) tree.add(pid);
  return [...tree];
}
