import { loadResult } from '../load/load-result.test-support.ts';
import type { LoadResult } from '../load/load-result.ts';
import type { Arm, Experiment } from './experiment.ts';
import type { MeasuredBlock } from './measured-block.ts';
import type { RunDependencies } from './run-options.ts';

const createArm = (id: string): Arm => ({
  id,
  label: id.toUpperCase(),
  description: `The arm ${id}.`,
  stack: { topology: 'services', services: ['model', 'gateway'], env: { MODEL_TRANSPORT: id } },
});

/** Returns an experiment with the arms `rest` (baseline), `grpc` (subject) and `other`. */
export const createExperiment = (changes: Partial<Experiment> = {}): Experiment => ({
  id: 'rest-vs-grpc',
  task: '01',
  title: 'Is it faster?',
  claim: 'It is twice as fast.',
  claimRange: { from: 2, to: null },
  predictionForm: { type: 'slider', question: 'How much?', min: 0, max: 9, step: 1, tolerance: 0.2 },
  arms: ['rest', 'grpc', 'other'].map(createArm),
  baseline: 'rest',
  subject: 'grpc',
  workloads: ['small', 'large'].map((id) => ({
    ...{ id, label: `a ${id} text`, description: `A ${id} text.`, ratePerSecond: 100, env: { SIZE: id } },
    call: (seed) => ({ path: `/generate/${id}`, body: String(seed), check: { text: 'word' } }),
  })),
  metrics: [
    {
      ...{ id: 'throughput', label: 'Requests per CPU second', unit: '1/s', is_higher_better: true, description: 'By CPU time.' },
      read: ({ responses, cpuSeconds }) => responses / (cpuSeconds ?? Number.NaN),
    },
    {
      ...{ id: 'p99', label: 'Latency', unit: 'ms', is_higher_better: false, description: 'The 99th percentile.' },
      ...{ read: ({ latency }) => latency?.p99 ?? Number.NaN, latenciesMin: 1_000 },
    },
  ],
  margin: 0.1,
  blocks: { full: 10, quick: 5 },
  blockMs: { full: 1_000, quick: 500 },
  warmUpMs: { full: 2_000, quick: 1_000 },
  recordings: [],
  ...changes,
});

const LATENCY = { count: 250, mean: 5, min: 1, median: 5, p90: 6, p99: 8, max: 9 };

/** Returns the load of a block of a healthy arm. */
export const blockLoad = (changes: Partial<LoadResult> = {}): LoadResult =>
  loadResult({ responses: 250, statuses: { 200: 250 }, latency: LATENCY, cpuSeconds: 0.25, sendingMs: 500, ...changes });

export const measuredBlock = (changes: Partial<MeasuredBlock> = {}): MeasuredBlock => ({
  ...{ arm: 'rest', block: 0, startedAtMs: 0, load: blockLoad(), plannedMs: 1_000, foreignCpuShare: 0.05 },
  ...changes,
});

/** Replaces the platforms and the loads. `cpuSecondsOf` returns the CPU time of a block by arm. */
export function createFakeDependencies(cpuSecondsOf: (arm: string, block: number) => number) {
  const log: string[] = [];
  const blocks: Record<string, number> = {};
  let clock = 0;
  let openStacks = 0;
  const dependencies: RunDependencies = {
    now: () => clock,
    readCpu: () => null,
    async startStacks({ arms, workload }) {
      clock += 3_000;
      log.push(`start ${arms.map(({ id }) => id).join()} with ${workload.id}`);
      openStacks += arms.length;
      return arms.map((arm) => ({
        ...{ arm, url: `http://${arm.id}`, pids: [7], processes: { runId: 'run', pids: [7] } },
        close: async () => {
          openStacks -= 1;
        },
      }));
    },
    async closedLoop({ url, durationMs }) {
      log.push(`warm up ${url} for ${durationMs} ms`);
      return blockLoad({ responses: 1_500 });
    },
    async openLoop({ url, durationMs }) {
      const arm = new URL(url).hostname;
      const block = blocks[arm] ?? 0;
      blocks[arm] = block + 1;
      clock += durationMs + 500;
      return blockLoad({ cpuSeconds: cpuSecondsOf(arm, block) });
    },
  };
  return { dependencies, log, openStacks: () => openStacks };
}
