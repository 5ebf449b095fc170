import { expect, it } from 'vitest';
import { describeProcesses } from './describe-processes.ts';
import { evaluateSoak } from './evaluate-soak.ts';
import type { JobsReport } from './verify-jobs.ts';
import type { HealthSample } from './watch-health.ts';

const WARM_UP_MS = 60_000;
const JOBS: JobsReport = {
  acknowledged: 2,
  unknown: 0,
  without_end: 0,
  surplus: 0,
  items: 10,
  items_lost: 0,
  items_recorded_twice: 0,
  items_succeeded: 10,
  items_failed: {},
  problems: [],
};

/** Returns a sample every 15 s for ten minutes. */
const samplesOf = (name: string, change: (index: number) => Partial<HealthSample>): HealthSample[] =>
  Array.from({ length: 40 }, (_, index) => ({
    atMs: index * 15_000,
    name,
    pid: 1,
    heapMb: 30 + (index % 2) / 10,
    codeMb: 8 + index / 10,
    externalMb: 3,
    residentMb: 120,
    delayP99Ms: index === 0 ? null : 12,
    utilization: index === 0 ? null : 0.1,
    resources: 20 + (index % 3),
    ...change(index),
  }));

const evaluate = (samples: readonly HealthSample[], changed: Partial<JobsReport> = {}, wrongResponses = 0) =>
  evaluateSoak({ wrongResponses, jobs: { ...JOBS, ...changed }, processes: describeProcesses(samples, WARM_UP_MS) });

it('returns no failure when nothing is lost and nothing grows', () => {
  expect(evaluate(samplesOf('gateway', () => ({})))).toEqual([]);
});

it('reports lost, duplicate and wrong results', () => {
  expect(evaluate([], { items_lost: 1 })).toEqual(['1 job items were lost.']);
  expect(evaluate([], { items_recorded_twice: 2, without_end: 1, surplus: 1 })).toHaveLength(3);
  expect(evaluate([], {}, 3)).toEqual(['3 responses were wrong.']);
});

it('reports a process whose heap or handles grow after the warm-up', () => {
  expect(evaluate(samplesOf('gateway', (index) => ({ heapMb: 30 + index / 10 + (index % 2) })))).toEqual([
    expect.stringMatching(/^The heap of the gateway grows by 2\d\.\d\d MB an hour/),
  ]);
  expect(evaluate(samplesOf('gateway', (index) => ({ resources: 20 + index })))).toEqual([
    expect.stringMatching(/^The number of handles of the gateway grows/),
  ]);
  expect(evaluate(samplesOf('gateway', (index) => (index < 4 ? { heapMb: 10 + index } : {})))).toEqual([]);
});

it('ignores the memory trend of a process that was restarted', () => {
  const samples = samplesOf('worker 2', (index) => ({ heapMb: 30 + index, pid: index < 20 ? 1 : 2 }));
  expect(describeProcesses(samples, WARM_UP_MS)).toMatchObject([{ lives: 2, lived_throughout: false, heap_mb_per_hour: null }]);
  expect(evaluate(samples)).toEqual([]);
});

it('reports a process with too few samples for a heap trend', () => {
  expect(evaluate(samplesOf('gateway', () => ({})).slice(0, 6))).toEqual([
    expect.stringContaining('too few samples of the gateway'),
  ]);
});
