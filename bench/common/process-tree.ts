import { readdirSync, readFileSync } from 'node:fs';

/** Of a process and everything below it, by proportional set size: memory that they share is counted once. In MB. */
export function sharedMegabytesOfTree(root: number): number {
  const kilobytes = treeOf(root).map((pid) => Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1_000;
}

function treeOf(root: number): number[] {
  const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  const all = pids.map((pid) => ({ pid, parent: parentOf(pid) }));
  const tree = [root];
  for (const above of tree) tree.push(...all.filter(({ parent }) => parent === above).map(({ pid }) => pid));
  return tree;
}

function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // The name before it may hold anything, even a bracket.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Empty when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
