import { describe, expect, it } from 'vitest';
import { FOREIGN_PROCESS } from '../load/generator/check-response.ts';
import { blockLoad, createExperiment, measuredBlock } from './experiment.test-support.ts';
import { checkGuards, type RunRecord } from './guards.ts';
import type { MeasuredBlock } from './measured-block.ts';

const ARMS = ['rest', 'grpc'];
const healthy = Array.from({ length: 5 }, (_, block) => ARMS.map((arm) => measuredBlock({ arm, block }))).flat();

function check({ changes = {}, ...record }: Partial<RunRecord> & { changes?: Partial<MeasuredBlock> } = {}) {
  const measured = healthy.map((each, index) => (index === 3 ? { ...each, ...changes } : each));
  return checkGuards(createExperiment(), ARMS, {
    ...{ measured, warmUpRequests: { rest: 2_000, grpc: 1_500 }, repeated: 1, blocksPlanned: 5 },
    ...record,
  });
}
const unmet = (options?: Parameters<typeof check>[0]) => check(options).flatMap(({ id, is_met }) => (is_met ? [] : id));
const generator = { cpuShare: 0.2, eventLoopUtilization: 0.2, delayP99Ms: 1 };

describe('checkGuards', () => {
  it('accepts an undisturbed run and says what was measured and required', () => {
    expect(unmet()).toEqual([]);
    expect(check().map(({ id, measured, required }) => `${id}: ${measured} (${required})`)).toEqual([
      'own-processes: 0 of 2,500 from others (none)',
      'correct-responses: 0 of 2,500 wrong (at most 0.1 %)',
      'foreign-load: 5 % of one CPU (at most 30 % of one CPU in each block)',
      'warm-up: 1,500 requests (at least 1,000)',
      'offered-load: 100 % (at least 95 %)',
      'generator-delay: 99th percentile of its event loop delay: 1 ms (at most 25 ms in each block)',
      'generator-utilization: busy for 20 % of the time (at most 90 %)',
      'latency-samples: 1,250 (at least 1,000)',
      'complete: 10 measurements, after 1 repetitions (10 measurements)',
    ]);
  });

  it('rejects a single response of a process that does not belong to the run', () => {
    const wrong = { count: 1, reasons: { [FOREIGN_PROCESS]: 1 } };
    expect(unmet({ changes: { load: blockLoad({ wrong }) } })).toEqual(['own-processes']);
  });

  it('accepts wrong responses up to the error budget', () => {
    const withWrong = (count: number) =>
      unmet({ changes: { load: blockLoad({ wrong: { count, reasons: { 'status 503': count } } }) } });
    expect([withWrong(2), withWrong(3)]).toEqual([[], ['correct-responses']]);
  });

  it('rejects a run whose coldest arm answered too few requests before', () => {
    expect(unmet({ warmUpRequests: { rest: 2_000, grpc: 999 } })).toEqual(['warm-up']);
    expect(unmet({ warmUpRequests: { rest: 2_000 } })).toEqual(['warm-up']);
  });

  it.each([
    ['offered-load', { load: blockLoad({ sendingMs: 1_100 }) }],
    ['generator-delay', { load: blockLoad({ generator: { ...generator, delayP99Ms: 26 } }) }],
    ['foreign-load', { foreignCpuShare: 0.31 }],
  ])('rejects a run in which a block stayed disturbed: %s', (id, changes) => {
    expect(unmet({ changes })).toEqual([id, 'complete']);
  });

  it('rejects a saturated generator', () => {
    expect(unmet({ changes: { load: blockLoad({ generator: { ...generator, cpuShare: 0.91 } }) } })).toEqual([
      'generator-utilization',
    ]);
  });

  it('rejects a run that ended before its last block', () => {
    expect(unmet({ measured: healthy.slice(0, 8) })).toEqual(['complete']);
  });

  it('rejects a percentile of too few latencies', () => {
    const latency = { count: 199, mean: 1, min: 1, median: 1, p90: 1, p99: 1, max: 1 };
    expect(unmet({ measured: healthy.map((each) => ({ ...each, load: blockLoad({ latency }) })) })).toEqual(['latency-samples']);
  });

  it('does not judge the load of other programs where the operating system does not report it', () => {
    const measured = healthy.map((each) => ({ ...each, foreignCpuShare: null }));
    expect(check({ measured }).find(({ id }) => id === 'foreign-load')).toMatchObject({
      is_met: true,
      measured: 'unknown on this operating system',
    });
  });
});
