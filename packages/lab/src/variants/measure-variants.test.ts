import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CpuReading } from '../checks/foreign-load.ts';
import {
  type LoadResult,
  MeasurementRejectedError,
  type MeasureVariantsOptions,
  measureVariants,
  type RunningVariant,
  type Variant,
} from '../index.ts';
import { loadResult } from '../load/load-result.test-support.ts';

interface FakeVariant extends RunningVariant {
  readonly name: string;
}

/** Creates variants that log each call and report fixed figures. */
function createTrial(changes: Partial<MeasureVariantsOptions<FakeVariant>> = {}, load: Partial<LoadResult> = {}) {
  const log: string[] = [];
  const variant = (name: string, comparedWith?: string): Variant<FakeVariant> => ({
    name,
    ...(comparedWith && { comparedWith }),
    async start() {
      log.push(`start ${name}`);
      return { name, pids: [], close: async () => void log.push(`close ${name}`) };
    },
  });
  let round = 0;
  const run = () =>
    measureVariants<FakeVariant>({
      variants: [variant('bare'), variant('ours', 'bare'), variant('theirs', 'bare')],
      rounds: 3,
      warmUpMs: 0,
      readCpu: () => null,
      async measure({ name }, { isWarmUp }) {
        log.push(`${isWarmUp ? 'warm up' : 'measure'} ${name}`);
        round += 1;
        return { figures: { cpuS: (name === 'bare' ? 2 : 3) * Math.ceil(round / 3) }, loads: [loadResult(load)] };
      },
      ...changes,
    });
  return { log, run };
}

/** Returns a fake `readCpu` of a machine on which other programs use these shares of a CPU, one per attempt. */
function foreignLoadOf(...shares: number[]): () => CpuReading {
  let reading = { atMs: 0, machine: 0, own: 0 };
  let isBefore = false;
  return () => {
    isBefore = !isBefore;
    const share = isBefore ? 0 : (shares.shift() ?? 0);
    reading = { atMs: reading.atMs + 1_000, machine: reading.machine + 1 + share, own: reading.own + 1 };
    return reading;
  };
}

const CLOSED = ['close bare', 'close ours', 'close theirs'];

describe('measureVariants', () => {
  it('starts each round with another variant', async () => {
    const { log, run } = createTrial();
    await run();
    expect(log).toEqual([
      ...['start bare', 'start ours', 'start theirs'],
      ...['measure bare', 'measure ours', 'measure theirs'],
      ...['measure ours', 'measure theirs', 'measure bare'],
      ...['measure theirs', 'measure bare', 'measure ours'],
      ...CLOSED,
    ]);
  });

  it('reports each round, the median and spread, and ratios formed round by round', async () => {
    const { run } = createTrial();
    const { variants } = await run();
    expect(variants[0]).toEqual({
      name: 'bare',
      comparedWith: null,
      rounds: [{ cpuS: 2 }, { cpuS: 4 }, { cpuS: 6 }],
      figures: { cpuS: { median: 4, min: 2, max: 6 } },
      ratios: {},
    });
    expect(variants[1]?.ratios).toEqual({ cpuS: { median: 1.5, min: 1.5, max: 1.5 } });
  });

  it('warms up every variant before the first round without reporting it', async () => {
    const { log, run } = createTrial({ warmUpMs: 1 });
    const { variants } = await run();
    expect(log.lastIndexOf('warm up theirs')).toBeLessThan(log.indexOf('measure bare'));
    expect(log).toEqual(expect.arrayContaining(['warm up bare', 'warm up ours', 'warm up theirs']));
    expect(variants.map(({ rounds }) => rounds.length)).toEqual([3, 3, 3]);
  });

  it('pins the processes of each variant and reports the assignment', async () => {
    const pinned: number[] = [];
    const pin = {
      description: 'under test on CPU 0',
      underTest: (pids: readonly number[]) => pinned.push(...pids),
      helpers() {},
    };
    const variant = { name: 'ours', start: async () => ({ name: 'ours', pids: [7, 8], close: async () => {} }) };
    const { run } = createTrial({ variants: [variant], pin });
    expect((await run()).pinned).toBe('under test on CPU 0');
    expect(pinned).toEqual([7, 8]);
  });

  it('reports progress', async () => {
    const lines: string[] = [];
    await createTrial({ rounds: 1, onProgress: (line) => lines.push(line) }).run();
    expect(lines).toContain('starting ours');
    expect(lines).toContain('round 1 of 1: ours cpuS 3');
  });
});

describe('the report of a measurement', () => {
  it('contains the largest CPU share of other programs and the number of repeated rounds', async () => {
    const { run } = createTrial({ rounds: 1, readCpu: foreignLoadOf(0.05, 0.5, 0.3, 0.125, 0.2, 0.1) });
    const { foreignCpuShareMax, repeatedRounds, pinned } = await run();
    expect(foreignCpuShareMax).toBeCloseTo(0.125);
    expect([repeatedRounds, pinned]).toEqual([3, 'not pinned']);
  });

  it('contains no CPU share where the machine reports none', async () => {
    expect(await createTrial({ rounds: 1 }).run()).toMatchObject({ foreignCpuShareMax: null, repeatedRounds: 0 });
  });

  it('passes the pids of each variant to the reader of CPU times', async () => {
    const readCpu = vi.fn(() => null);
    const start = async () => ({ name: 'ours', pids: [7], close: async () => {} });
    await createTrial({ rounds: 1, variants: [{ name: 'ours', start }], readCpu }).run();
    expect(readCpu.mock.calls).toEqual([[[7]], [[7]]]);
  });

  it('logs figures with three significant digits', async () => {
    const lines: string[] = [];
    const measure = async () => ({ figures: { rps: 12_345.6, p99Ms: 0.012345 }, loads: [] });
    await createTrial({ rounds: 2, warmUpMs: 0, measure, onProgress: (line) => lines.push(line) }).run();
    expect(lines.at(-1)).toBe('round 2 of 2: bare rps 12,300, p99Ms 0.012');
  });

  it('warms up each variant until the duration is over', async () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => clock.mockRestore());
    const { log, run } = createTrial({
      ...{ rounds: 1, warmUpMs: 100 },
      async measure({ name }, { isWarmUp }) {
        log.push(`${isWarmUp ? 'warm up' : 'measure'} ${name}`);
        now += 50;
        return { figures: {}, loads: [] };
      },
    });
    await run();
    expect(log.filter((line) => line === 'warm up bare')).toHaveLength(2);
    expect(log.filter((line) => line === 'measure bare')).toHaveLength(1);
  });

  it('starts no variant after an abort', async () => {
    const { log, run } = createTrial({ signal: AbortSignal.abort(new Error('enough')) });
    await expect(run()).rejects.toThrow('enough');
    expect(log).toEqual([]);
  });

  it('ends the warm-up after an abort', async () => {
    const controller = new AbortController();
    const { log, run } = createTrial({
      ...{ warmUpMs: 60_000, signal: controller.signal },
      onProgress: (line) => line === 'warming up bare' && controller.abort(new Error('enough')),
    });
    await expect(run()).rejects.toThrow('enough');
    expect(log.slice(3)).toEqual(CLOSED);
  });
});

describe('measureVariants with an invalid measurement', () => {
  const rejectionOf = async ({ log, run }: ReturnType<typeof createTrial>) => {
    const error = await run().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(MeasurementRejectedError);
    expect(log.slice(-3)).toEqual(CLOSED);
    return (error as MeasurementRejectedError).message;
  };

  it('rejects wrong responses', async () => {
    const wrong = { count: 5, reasons: { 'status 500': 4, UND_ERR_SOCKET: 1 } };
    expect(await rejectionOf(createTrial({}, { wrong }))).toBe(
      'bare: 5 responses were wrong: status 500 (4), UND_ERR_SOCKET (1).',
    );
  });

  it('rejects wrong responses during the warm-up', async () => {
    const trial = createTrial({ warmUpMs: 1 }, { wrong: { count: 1, reasons: { 'status 500': 1 } } });
    await rejectionOf(trial);
    expect(trial.log).not.toContain('measure bare');
  });

  it('rejects responses from a process that is not under test', async () => {
    const wrong = { count: 2, reasons: { 'response from a process that is not under test': 2 } };
    expect(await rejectionOf(createTrial({}, { wrong }))).toContain('2 responses came from a process that is not under test');
  });

  it('rejects a load without any response', async () => {
    expect(await rejectionOf(createTrial({}, { responses: 0 }))).toBe('bare: the load received no response.');
  });

  it.each([
    { cpuShare: 0.5, eventLoopUtilization: 0.97, delayP99Ms: 1 },
    { cpuShare: 0.93, eventLoopUtilization: 0.8, delayP99Ms: 1 },
  ])('rejects a saturated load generator: %o', async (generator) => {
    expect(await rejectionOf(createTrial({}, { generator }))).toContain('so it limited the figures');
  });

  it('accepts a saturated load generator when the figures do not depend on it', async () => {
    const generator = { cpuShare: 1, eventLoopUtilization: 1, delayP99Ms: 1 };
    const { variants } = await createTrial({ mayGeneratorSaturate: true }, { generator }).run();
    expect(variants).toHaveLength(3);
  });

  it('rejects a measurement that other programs disturb in every attempt', async () => {
    const readCpu = foreignLoadOf(0.5, 0.4, 0.3, 0.4, 0.25);
    expect(await rejectionOf(createTrial({ readCpu }))).toBe(
      'bare: other programs used more than 15 % of a CPU in each of 5 attempts, 25 % in the last one.',
    );
  });

  it('repeats a round that other programs disturbed', async () => {
    const lines: string[] = [];
    const { run, log } = createTrial({ readCpu: foreignLoadOf(0.1, 0.5, 0.05), onProgress: (line) => lines.push(line) });
    const report = await run();
    expect(report.repeatedRounds).toBe(1);
    expect(report.foreignCpuShareMax).toBeCloseTo(0.1);
    expect(log.filter((line) => line === 'measure ours')).toHaveLength(4);
    expect(lines).toContain('ours: other programs used 50 % of a CPU during the measurement; repeating it');
  });
});

describe('measureVariants after an abort or a failed start', () => {
  it('closes all variants and rejects with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { log, run } = createTrial({
      signal: controller.signal,
      onProgress: (line) => line.startsWith('round 1 of 3: ours') && controller.abort(reason),
    });
    await expect(run()).rejects.toBe(reason);
    expect(log.slice(3)).toEqual(['measure bare', 'measure ours', ...CLOSED]);
  });

  it('closes the running variants when another one fails to start', async () => {
    const closed: string[] = [];
    const running = { name: 'bare', pids: [], close: async () => void closed.push('bare') };
    const { run } = createTrial({
      variants: [
        { name: 'bare', start: async () => running },
        { name: 'broken', start: () => Promise.reject(new Error('no such program')) },
      ],
    });
    await expect(run()).rejects.toThrow('no such program');
    expect(closed).toEqual(['bare']);
  });
});
