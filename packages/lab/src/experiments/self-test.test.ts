import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { createExperiment, createFakeDependencies } from './experiment.test-support.ts';
import { repeatExperiment } from './repeat-experiment.ts';
import { compareWithItself, runSelfTest } from './self-test.ts';
import { createSyntheticBlocks } from './synthetic-blocks.test-support.ts';

const draw = (ratio: number, seed: number) => {
  const random = createRandom(seed);
  const { subject, baseline } = createSyntheticBlocks({ blocks: 80, ratio, random });
  return compareWithItself(subject, baseline, { blocks: 12, margin: 0.1, random }).map(({ effect }) => effect);
};

describe('compareWithItself', () => {
  it('draws 40 comparisons from one run, and finds no effect between equal arms in 20 noisy runs', () => {
    const effects = Array.from({ length: 20 }, (_, seed) => draw(1, seed)).flat();
    expect(effects).toHaveLength(800);
    expect(effects.filter((effect) => effect === 'more' || effect === 'less')).toEqual([]);
  });

  it('finds an effect in every comparison of arms with a ratio of 1.3', () => {
    expect(new Set(draw(1.3, 1))).toEqual(new Set(['more']));
  });

  it('uses as many blocks as a run of the experiment has', () => {
    const values = Array.from({ length: 20 }, (_, block) => (block === 0 ? 1_000 : 1));
    const drawn = compareWithItself(values, Array(20).fill(1), { blocks: 5, margin: 0.1, random: createRandom(1) });
    const withOutlier = drawn.filter(({ ratio }) => ratio > 1.01);
    expect(withOutlier.length).toBeGreaterThan(0);
    for (const { ratio } of withOutlier) expect(ratio).toBeCloseTo(1_000 ** (1 / 5));
  });
});

const run = (cpuSecondsOf: (arm: string, block: number) => number) => {
  const fake = createFakeDependencies(cpuSecondsOf);
  return { fake, result: runSelfTest(createExperiment(), { seed: 3 }, fake.dependencies) };
};

describe('runSelfTest', () => {
  it('passes when 40 comparisons of the baseline with itself find no effect', async () => {
    const { fake, result } = run((_arm, block) => 0.25 + (block % 5) / 100);
    expect(await result).toMatchObject({ status: 'passed', blocks: 80 });
    expect((await result).comparisons).toHaveLength(40);
    expect(fake.log[0]).toBe('start rest,rest-again with small');
    expect(fake.openStacks()).toBe(0);
  });

  it('fails when a comparison finds an effect', async () => {
    expect(await run((arm) => (arm === 'rest' ? 0.25 : 0.3)).result).toMatchObject({ status: 'failed' });
  });

  it('fails when there is nothing to compare', async () => {
    expect(await run(() => 0).result).toMatchObject({ status: 'failed', comparisons: [] });
  });

  it('is invalid when a guard is not met', async () => {
    const fake = createFakeDependencies(() => 0.25);
    const closedLoop = async () => ({
      ...(await fake.dependencies.openLoop({ url: 'http://rest', ratePerSecond: 1, durationMs: 1 })),
      responses: 1,
    });
    expect(await runSelfTest(createExperiment(), { seed: 3 }, { ...fake.dependencies, closedLoop })).toMatchObject({
      status: 'invalid',
    });
  });
});

describe('repeatExperiment', () => {
  const repeat = (cpuSecondsOf: (arm: string, run: number) => number) =>
    repeatExperiment(
      createExperiment(),
      { times: 3, seed: 1 },
      createFakeDependencies((arm, block) => cpuSecondsOf(arm, Math.floor(block / 10))).dependencies,
    );

  it('runs several times and compares the verdicts', async () => {
    const { outcomes, isSame } = await repeat((arm) => (arm === 'grpc' ? 0.1 : 0.25));
    expect([outcomes.map(({ verdict }) => verdict.status), isSame]).toEqual([Array(3).fill('SUPPORTED'), true]);
  });

  it('notices a run with another verdict', async () => {
    expect(await repeat((arm, run) => (arm === 'grpc' && run === 2 ? 0.1 : 0.25))).toMatchObject({ isSame: false });
  });

  it('does not count invalid runs as the same', async () => {
    expect(await repeat(() => 0)).toMatchObject({ isSame: false });
  });
});
