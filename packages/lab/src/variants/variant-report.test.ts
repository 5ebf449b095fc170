import { expect, it } from 'vitest';
import { reportVariants } from './variant-report.ts';

it('summarizes each figure of the first round and forms ratios to the named variant round by round', () => {
  const bare = {
    name: 'bare',
    rounds: [
      { cpuS: 2, p99Ms: 10 },
      { cpuS: 4, p99Ms: 20 },
    ],
  };
  const ours = {
    name: 'ours',
    comparedWith: 'bare',
    rounds: [
      { cpuS: 3, p99Ms: 10 },
      { cpuS: 8, p99Ms: 30 },
    ],
  };
  const [first, second] = reportVariants([bare, ours]);
  expect(first).toMatchObject({ name: 'bare', comparedWith: null, ratios: {} });
  expect(second).toEqual({
    ...{ name: 'ours', comparedWith: 'bare', rounds: ours.rounds },
    figures: { cpuS: { median: 3, min: 3, max: 8 }, p99Ms: { median: 10, min: 10, max: 30 } },
    ratios: { cpuS: { median: 1.5, min: 1.5, max: 2 }, p99Ms: { median: 1, min: 1, max: 1.5 } },
  });
});

it('reports the mean ratio of five rounds with its interval, the same for the same figures', () => {
  const rounds = (values: number[]) => values.map((cpuS) => ({ cpuS }));
  const report = () =>
    reportVariants([
      { name: 'bare', rounds: rounds([1, 2, 1, 4, 1]) },
      { name: 'ours', comparedWith: 'bare', rounds: rounds([1.1, 2.2, 1.1, 4.4, 1.2]) },
    ])[1]?.ratios.cpuS;
  const { mean = 0, interval: [low, high] = [0, 0] } = report() ?? {};
  expect([low <= mean, mean <= high, mean > 1.1, mean < 1.13]).toEqual([true, true, true, true]);
  expect(report()).toEqual(report());
});

it('reports no ratios to a variant that was not measured', () => {
  expect(reportVariants([{ name: 'ours', comparedWith: 'bare', rounds: [{ cpuS: 1 }] }])).toMatchObject([
    { comparedWith: null, ratios: {} },
  ]);
});

it('reports a figure that a round lacks as not a number', () => {
  expect(reportVariants([{ name: 'ours', rounds: [{ cpuS: 1 }, {}] }])[0]?.figures.cpuS?.max).toBeNaN();
});

it('reports no figures without rounds', () => {
  expect(reportVariants([{ name: 'ours', rounds: [] }])[0]).toMatchObject({ figures: {}, ratios: {} });
});
