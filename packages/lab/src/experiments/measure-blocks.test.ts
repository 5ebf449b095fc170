import { describe, expect, it } from 'vitest';
import type { LoadResult } from '../load/load-result.ts';
import type { OpenLoopOptions } from '../load/open-loop.ts';
import { blockLoad, createExperiment } from './experiment.test-support.ts';
import { measureBlocks } from './measure-blocks.ts';
import type { RunningStack } from './start-stacks.ts';

const { arms, workloads } = createExperiment();
const stacks = arms.slice(0, 2).map(
  (arm, index): RunningStack => ({
    ...{ arm, url: `http://${arm.id}`, pids: [index], close: async () => {} },
    processes: { runId: 'run', pids: [index], configurationHash: arm.id },
  }),
);
const generator = { cpuShare: 0.2, eventLoopUtilization: 0.2, delayP99Ms: 1 };

/** Measures five blocks. `results` replaces the results of the first loads. */
async function measure({ results = [] as Partial<LoadResult>[], foreignShares = [] as number[] } = {}) {
  const [plans, started, counted]: [OpenLoopOptions[], string[], string[]] = [[], [], []];
  let readings = 0;
  const [workload] = workloads;
  if (!workload) throw new Error('no workload');
  const { measured, repeated } = await measureBlocks({
    ...{
      orders: Array.from({ length: 5 }, () => stacks),
      workload,
      seed: 7,
      blockMs: 500,
      elapsedMs: () => 0,
    },
    signal: new AbortController().signal,
    load: async (plan) => {
      plans.push(plan);
      return blockLoad(results[plans.length - 1]);
    },
    // Two readings, one second apart, surround each load.
    readCpu() {
      const [load, isAfter] = [Math.floor(readings / 2), readings % 2];
      readings += 1;
      return { atMs: isAfter * 1_000, machine: isAfter * (foreignShares[load] ?? 0), own: 0 };
    },
    onStart: (arm) => started.push(arm),
    onRepeat: () => counted.push('repeated'),
    onMeasured: ({ arm, block }) => counted.push(`${arm} ${block}`),
  });
  return { measured, repeated, plans, started, counted };
}

describe('measureBlocks', () => {
  it('sends the requests of the workload to the arm, at its rate and only accepting its processes', async () => {
    const { plans } = await measure();
    expect(plans).toHaveLength(10);
    expect(plans[1]).toMatchObject({
      ...{ url: 'http://grpc/generate/small', body: '7', ratePerSecond: 100, connections: 64, durationMs: 500, watch: [1] },
      check: { text: 'word', processes: { runId: 'run', pids: [1], configurationHash: 'grpc' } },
    });
  });

  it('counts each arm once in each block', async () => {
    const { counted, repeated } = await measure();
    expect(counted).toEqual([0, 1, 2, 3, 4].flatMap((block) => [`rest ${block}`, `grpc ${block}`]));
    expect(repeated).toBe(0);
  });

  it('repeats a measurement that other programs, a late generator or a missed rate disturbed', async () => {
    const results = [{}, {}, { generator: { ...generator, delayP99Ms: 30 } }, {}, { sendingMs: 600 }];
    const { repeated, counted, started, measured } = await measure({ results, foreignShares: [0.9] });
    expect([repeated, counted.length, counted.filter((each) => each === 'repeated').length]).toEqual([3, 13, 3]);
    expect(started.slice(0, 5)).toEqual(['rest', 'rest', 'grpc', 'grpc', 'rest']);
    expect(measured.map(({ foreignCpuShare }) => foreignCpuShare)).toEqual(Array(10).fill(0));
  });

  it('gives up when half as many measurements as planned were repeated, and returns the last disturbed one', async () => {
    const { plans, repeated, measured, counted } = await measure({ foreignShares: [0, ...Array(10).fill(0.9)] });
    expect([plans.length, repeated, counted]).toEqual([7, 5, ['rest 0', ...Array(5).fill('repeated')]]);
    expect(measured.map(({ arm, foreignCpuShare }) => [arm, foreignCpuShare])).toEqual([
      ['rest', 0],
      ['grpc', 0.9],
    ]);
  });
});
