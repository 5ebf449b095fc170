import type { GuardResult, LabPoint } from '@prodigon/contracts/workshop';
import { createRandom, type Random, shuffle } from '../random.ts';
import { type BootstrapRatio, bootstrapRatio } from './bootstrap-ratio.ts';
import { effectOf } from './effect.ts';
import type { Experiment } from './experiment.ts';
import { checkGuards, WARM_UP_REQUESTS_MIN } from './guards.ts';
import { measureExperiment } from './measure-experiment.ts';
import { type RunDependencies, type RunOptions, selectWorkload } from './run-options.ts';
import { planDurations } from './run-progress.ts';

const BLOCKS = 80;
const COMPARISONS = 40;

export interface SelfTestComparison extends BootstrapRatio {
  readonly effect: ReturnType<typeof effectOf>;
}

export interface SelfTestResult {
  /** `passed`: no comparison found an effect. `invalid`: a guard failed. */
  readonly status: 'passed' | 'failed' | 'invalid';
  readonly blocks: number;
  readonly comparisons: readonly SelfTestComparison[];
  readonly guards: readonly GuardResult[];
}

export interface SelfTestOptions extends Pick<RunOptions, 'seed' | 'workload' | 'signal' | 'onEvent'> {
  /** Blocks of the recorded run. Defaults to 80. */
  readonly blocks?: number;
}

/**
 * Compares the baseline of an experiment with itself (A/A): two platforms of the same configuration in one run, from which it
 * draws 40 comparisons. If an experiment finds an effect between equal platforms, its effects between different ones prove nothing.
 */
export async function runSelfTest(
  experiment: Experiment,
  { seed, workload: workloadId, blocks = BLOCKS, signal = new AbortController().signal, onEvent = () => {} }: SelfTestOptions,
  dependencies: Partial<RunDependencies> = {},
): Promise<SelfTestResult> {
  const baseline = experiment.arms.find(({ id }) => id === experiment.baseline);
  const [metric] = experiment.metrics;
  if (!baseline || !metric) throw new RangeError('The experiment has no baseline or no metric.');
  const twin = { ...baseline, id: `${baseline.id}-again` };
  const arms = [baseline, twin];
  const length = { ...experiment, arms, blocks: { full: blocks, quick: blocks } };
  const { record, points } = await measureExperiment(
    {
      ...{ arms, metrics: experiment.metrics, workload: selectWorkload(experiment, workloadId), seed, blocks, signal, onEvent },
      ...{ blockMs: experiment.blockMs.full, warmUpMs: experiment.warmUpMs.full, durations: planDurations(length, 'full') },
      warmUpRequestsMin: experiment.warmUpRequestsMin ?? WARM_UP_REQUESTS_MIN,
    },
    dependencies,
  );
  const ids = arms.map(({ id }) => id);
  const guards = checkGuards(experiment, ids, record);
  const [first, second] = ids.map((arm) => valuesOf(points, arm, metric.id));
  const drawn = { blocks: experiment.blocks.full, margin: experiment.margin, random: createRandom(seed) };
  const comparisons = compareWithItself(first ?? [], second ?? [], drawn);
  const isFailed = comparisons.length < COMPARISONS || comparisons.some(({ effect }) => effect === 'more' || effect === 'less');
  const status = guards.every(({ is_met }) => is_met) ? (isFailed ? 'failed' : 'passed') : 'invalid';
  return { status, blocks, comparisons, guards };
}

/** Draws comparisons from the values of two equal arms: each of as many random blocks as a run of the experiment has. */
export function compareWithItself(
  values: readonly number[],
  others: readonly number[],
  { blocks, margin, random, comparisons = COMPARISONS }: { blocks: number; margin: number; random: Random; comparisons?: number },
): SelfTestComparison[] {
  const all = values.map((_value, block) => block);
  return Array.from({ length: comparisons }, () => {
    const drawn = shuffle(all, random).slice(0, blocks);
    const valuesIn = (source: readonly number[]) => drawn.map((block) => source[block] ?? Number.NaN);
    return bootstrapRatio(valuesIn(values), valuesIn(others), random);
  }).flatMap((estimate) => (estimate ? [{ ...estimate, effect: effectOf(estimate.interval, margin) }] : []));
}

function valuesOf(points: readonly LabPoint[], arm: string, metric: string): number[] {
  const own = points.filter((point) => point.arm === arm).sort((one, other) => one.block - other.block);
  return own.map(({ values }) => values[metric] ?? Number.NaN);
}
