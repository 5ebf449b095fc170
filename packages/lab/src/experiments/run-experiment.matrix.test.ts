import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findStacks } from '@prodigon/stack';
import { matrixOf } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readProcStat } from '../processes/proc-files.ts';
import { withDescendants } from '../processes/process-tree.ts';
import { sweepLabFolders } from '../stack/sweep-lab-folders.ts';
import { startTestProcess } from '../test-process.test-support.ts';
import { runExperiment } from './run-experiment.ts';
import { smallExperiment } from './small-experiment.test-support.ts';

const WAIT = { timeout: 60_000, interval: 20 };
/** Other tests use the CPUs, which would make every run INVALID. */
const SHARED_MACHINE = { readCpu: () => null };

const foldersOf = (pid: number) =>
  readdirSync(tmpdir())
    .filter((name) => name.startsWith(`prodigon-lab-${pid}-`))
    .map((name) => join(tmpdir(), name));
const isRunning = (pid: number) => (readProcStat(pid)?.cpuSeconds ?? -1) >= 0;

describe.each(matrixOf(['an experiment'], () => true))('%s', () => {
  it('measures real platforms and leaves neither processes nor folders behind', async () => {
    const before = foldersOf(process.pid);
    const pids = new Set<number>();
    const { verdict, points, environment } = await runExperiment(
      smallExperiment,
      {
        ...{ seed: 1, isQuick: true },
        onEvent() {
          for (const folder of foldersOf(process.pid).filter((each) => !before.includes(each)))
            for (const { alive } of findStacks(folder)) for (const { process } of alive) pids.add(process.pid);
        },
      },
      SHARED_MACHINE,
    );
    const unmet = verdict.guards.flatMap(({ id, is_met }) => (is_met ? [] : id));
    // The processes of other tests may break any other guard, and a run with too many disturbed measurements ends early.
    expect(unmet).not.toContain('own-processes');
    expect(unmet).not.toContain('correct-responses');
    if (!unmet.includes('complete')) expect(points).toHaveLength(10);
    for (const { values } of points) expect(values).toEqual({ throughput: expect.any(Number), p99: expect.any(Number) });
    expect(environment.cpus).toBeGreaterThan(0);
    expect(pids.size).toBe(4);
    expect([...pids].filter(isRunning)).toEqual([]);
    expect(foldersOf(process.pid)).toEqual(before);
  });

  it('stops within its measurement when the signal aborts, and leaves nothing behind', async () => {
    const before = foldersOf(process.pid);
    const controller = new AbortController();
    const reason = new Error('enough');
    const onEvent = ({ type }: { type: string }) => {
      if (type === 'point') controller.abort(reason);
    };
    await expect(runExperiment(smallExperiment, { seed: 1, signal: controller.signal, onEvent }, SHARED_MACHINE)).rejects.toBe(
      reason,
    );
    expect(foldersOf(process.pid)).toEqual(before);
  });
});

describe.each(matrixOf(['a killed experiment'], () => false))('%s', () => {
  it('ends with all its processes when its own process is killed, and the next run removes its folders', async () => {
    const modules = ['run-experiment.ts', 'small-experiment.test-support.ts'].map((name) => join(import.meta.dirname, name));
    const runner = await startTestProcess(`
      const [{ runExperiment }, { smallExperiment }] = await Promise.all(${JSON.stringify(modules)}.map((path) => import(path)));
      const onEvent = ({ type }) => type === 'point' && process.send('measuring');
      await runExperiment(smallExperiment, { seed: 1, onEvent }, { readCpu: () => null });`);
    onTestFinished(() => runner.close());
    const descendants = descendantsOf(runner.pid);
    expect(descendants.length).toBeGreaterThanOrEqual(4);
    await runner.close();
    await expect.poll(() => descendants.filter(isRunning), WAIT).toEqual([]);
    const folders = foldersOf(runner.pid);
    expect(folders).toHaveLength(3);
    expect(await sweepLabFolders()).toEqual(expect.arrayContaining(folders));
    expect(foldersOf(runner.pid)).toEqual([]);
  });
});

function descendantsOf(root: number): number[] {
  const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  const all = pids.map((pid) => ({ pid, parent: readProcStat(pid)?.parent }));
  return withDescendants([root], all).filter((pid) => pid !== root);
}
