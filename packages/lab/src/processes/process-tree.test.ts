import { describe, expect, it } from 'vitest';
import { readProcStat } from './proc-files.ts';
import { cpuSecondsOfTrees, sharedMegabytesOfTree, withDescendants } from './process-tree.ts';

describe('withDescendants', () => {
  const all = [
    { pid: 1, parent: 0 },
    { pid: 9, parent: 5 },
    { pid: 5, parent: 3 },
    { pid: 3, parent: 1 },
    { pid: 4, parent: 1 },
    { pid: 6, parent: undefined },
  ];

  it('finds descendants of every generation, in any order of pids', () => {
    expect(withDescendants([3], all)).toEqual([3, 5, 9]);
    expect(withDescendants([1], all).sort()).toEqual([1, 3, 4, 5, 9]);
  });

  it('counts a root once that descends from another root', () => {
    expect(withDescendants([3, 9], all).sort()).toEqual([3, 5, 9]);
  });

  it('returns a process without children alone', () => {
    expect(withDescendants([6], all)).toEqual([6]);
  });
});

describe.runIf(process.platform === 'linux')('the tree of the test process', () => {
  it('has used CPU time, including that of ended children', () => {
    const own = readProcStat(process.pid);
    const seconds = cpuSecondsOfTrees([process.pid]);
    expect(seconds).toBeGreaterThanOrEqual((own?.cpuSeconds ?? 0) + (own?.endedChildrenCpuSeconds ?? 0));
    expect(cpuSecondsOfTrees([2 ** 30])).toBe(0);
  });

  it('occupies less shared memory than its resident set in megabytes', () => {
    const megabytes = sharedMegabytesOfTree(process.pid);
    expect(megabytes).toBeGreaterThan(10);
    expect(megabytes).toBeLessThan(20_000);
    expect(sharedMegabytesOfTree(2 ** 30)).toBe(0);
  });
});
