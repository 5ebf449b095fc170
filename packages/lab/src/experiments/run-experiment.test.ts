import { labPointSchema, labProgressSchema, labRunSchema } from '@prodigon/contracts/workshop';
import { describe, expect, it, vi } from 'vitest';
import { createExperiment, createFakeDependencies } from './experiment.test-support.ts';
import { runExperiment } from './run-experiment.ts';
import type { RunEvent } from './run-options.ts';

/** The subject needs 40 % of the CPU time of the others. */
const CPU_SECONDS = (arm: string, block: number) => (arm === 'grpc' ? 0.1 : 0.25) * (1 + 0.01 * (block % 3));
const outcomeSchema = labRunSchema.pick({
  workload: true,
  arms: true,
  metrics: true,
  points: true,
  estimates: true,
  verdict: true,
  environment: true,
});

function start(options: Partial<Parameters<typeof runExperiment>[1]> = {}, cpuSecondsOf = CPU_SECONDS) {
  const fake = createFakeDependencies(cpuSecondsOf);
  const events: RunEvent[] = [];
  const outcome = runExperiment(
    createExperiment(),
    { seed: 7, onEvent: (event) => events.push(event), ...options },
    fake.dependencies,
  );
  return { ...fake, events, outcome };
}

describe('runExperiment', () => {
  it('measures each arm in each block and decides by the first metric of the subject', async () => {
    const { outcome, log, openStacks } = start({ prediction: { range: { from: 2, to: 5 } } });
    const result = outcomeSchema.parse(await outcome);
    expect(log).toEqual([
      'start rest,grpc,other with small',
      ...['rest', 'grpc', 'other'].map((arm) => `warm up http://${arm}/generate/small for 2000 ms`),
    ]);
    expect(result.points).toHaveLength(30);
    expect(result.verdict).toMatchObject({ status: 'SUPPORTED', effect: 'more', prediction_status: 'SUPPORTED' });
    expect(result.verdict?.estimate).toMatchObject({
      metric: 'throughput',
      arm: 'grpc',
      compared_with: 'rest',
      ratio: expect.closeTo(2.5),
    });
    expect(result.estimates.map(({ arm, metric }) => `${arm} ${metric}`)).toEqual([
      'grpc throughput',
      'grpc p99',
      'other throughput',
      'other p99',
    ]);
    expect(openStacks()).toBe(0);
  });

  it('measures fewer blocks, the given workload and only the given arms besides the two of the claim', async () => {
    const { outcome, log } = start({ isQuick: true, workload: 'large', arms: ['rest'] });
    const { points, workload, arms } = await outcome;
    expect([points.length, workload.id, arms.map(({ id }) => id)]).toEqual([10, 'large', ['rest', 'grpc']]);
    expect(log[0]).toBe('start rest,grpc with large');
  });

  it('rejects an unknown workload or arm before it starts anything', async () => {
    const unknown = [start({ workload: 'huge' }), start({ arms: ['none'] })];
    await expect(unknown[0]?.outcome).rejects.toThrow('The experiment has no workload "huge".');
    await expect(unknown[1]?.outcome).rejects.toThrow('The experiment has no arm "none".');
    expect(unknown.flatMap(({ log }) => log)).toEqual([]);
  });

  it('reports each measurement, and what is left by the elapsed blocks', async () => {
    const { outcome, events } = start();
    await outcome;
    const points = events.flatMap((event) => (event.type === 'point' ? [labPointSchema.parse(event.point)] : []));
    const progress = events.flatMap((event) => (event.type === 'progress' ? [labProgressSchema.parse(event.progress)] : []));
    expect(points).toHaveLength(30);
    expect(points[0]).toMatchObject({ block: 0, started_at_ms: 3_000, values: { throughput: expect.any(Number), p99: 8 } });
    expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(['starting', 'warming_up', 'measuring', 'evaluating']);
    const half = progress.find(({ blocks_done }) => blocks_done === 5);
    expect(half).toMatchObject({ blocks_total: 10, seconds_left: 23 });
    const shares = progress.map(({ share }) => share);
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
    expect([shares[0], shares.at(-1)]).toEqual([0, 1]);
  });

  it('gives no figures when a guard is not met', async () => {
    const fake = createFakeDependencies(CPU_SECONDS);
    const readCpu = vi.fn(() => ({ atMs: readCpu.mock.calls.length * 1_000, machine: readCpu.mock.calls.length, own: 0 }));
    const { verdict, estimates } = await runExperiment(createExperiment(), { seed: 7 }, { ...fake.dependencies, readCpu });
    expect([verdict.status, verdict.estimate, estimates]).toEqual(['INVALID', null, []]);
    expect(verdict.sentence).toContain('measured: 100 % of one CPU');
    expect(fake.openStacks()).toBe(0);
  });

  it('stops all platforms when the signal aborts during a block', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { outcome, openStacks } = start({
      signal: controller.signal,
      onEvent: (event) => event.type === 'point' && controller.abort(reason),
    });
    await expect(outcome).rejects.toBe(reason);
    expect(openStacks()).toBe(0);
  });

  it('has the same result for the same seed and measurements', async () => {
    const [one, other] = await Promise.all([start().outcome, start().outcome]);
    expect(one).toEqual(other);
  });
});
