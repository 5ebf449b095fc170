import type { LabPoint, RatioEstimate } from '@prodigon/contracts/workshop';
import { createRandom } from '../random.ts';
import { bootstrapRatio } from './bootstrap-ratio.ts';
import type { Experiment } from './experiment.ts';

/** Estimates each metric of each arm against the baseline, paired by block. A metric without a value in every block has no estimate. */
export function estimateRatios(
  { metrics, baseline }: Pick<Experiment, 'metrics' | 'baseline'>,
  arms: readonly string[],
  points: readonly LabPoint[],
  seed: number,
): RatioEstimate[] {
  const random = createRandom(seed);
  const valuesOf = (arm: string, metric: string) =>
    points
      .filter((point) => point.arm === arm)
      .sort((one, other) => one.block - other.block)
      .map(({ values }) => values[metric] ?? Number.NaN);
  return arms
    .filter((arm) => arm !== baseline)
    .flatMap((arm) =>
      metrics.flatMap(({ id: metric }) => {
        const estimate = bootstrapRatio(valuesOf(arm, metric), valuesOf(baseline, metric), random);
        return estimate
          ? [{ metric, arm, compared_with: baseline, ratio: estimate.ratio, interval: [...estimate.interval] }]
          : [];
      }),
    );
}
