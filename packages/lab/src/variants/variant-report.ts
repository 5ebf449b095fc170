import { bootstrapRatio } from '../experiments/bootstrap-ratio.ts';
import { createRandom } from '../random.ts';
import { type Summary, summarize, summarizeRatios } from '../statistics.ts';
import type { Figures } from './variant.ts';

/** Ratios of rounds. With at least five rounds, also their mean and its 95 % interval; see `bootstrapRatio`. */
export interface RatioSummary extends Summary {
  readonly mean?: number;
  readonly interval?: readonly [low: number, high: number];
}

export interface VariantReport {
  readonly name: string;
  readonly comparedWith: string | null;
  readonly rounds: readonly Figures[];
  readonly figures: Readonly<Record<string, Summary>>;
  /** Ratios to the figures of the variant in `comparedWith`, formed round by round. Empty without one. */
  readonly ratios: Readonly<Record<string, RatioSummary>>;
}

export interface MeasurementReport {
  /** The assignment of processes to CPUs. */
  readonly pinned: string;
  /** Maximum CPU use of other programs in a counted round, as a share of one CPU. Null except on Linux. */
  readonly foreignCpuShareMax: number | null;
  /** The number of rounds that were repeated after a disturbance. */
  readonly repeatedRounds: number;
  readonly variants: readonly VariantReport[];
}

export interface VariantRounds {
  readonly name: string;
  readonly comparedWith?: string;
  readonly rounds: readonly Figures[];
}

export function reportVariants(all: readonly VariantRounds[]): VariantReport[] {
  return all.map(({ name, comparedWith, rounds }) => {
    const other = all.find((variant) => variant.name === comparedWith);
    return {
      name,
      comparedWith: other?.name ?? null,
      rounds,
      figures: eachFigure(rounds, (figure) => summarize(valuesOf(rounds, figure))),
      ratios: other ? eachFigure(rounds, (figure) => reportRatios(valuesOf(rounds, figure), valuesOf(other.rounds, figure))) : {},
    };
  });
}

/** The same figures always have the same interval. */
const RESAMPLING_SEED = 1;

function reportRatios(values: readonly number[], others: readonly number[]): RatioSummary {
  const estimate = bootstrapRatio(values, others, createRandom(RESAMPLING_SEED));
  return { ...summarizeRatios(values, others), ...(estimate && { mean: estimate.ratio, interval: estimate.interval }) };
}

function eachFigure<Result>(rounds: readonly Figures[], summary: (figure: string) => Result): Record<string, Result> {
  return Object.fromEntries(Object.keys(rounds[0] ?? {}).map((figure) => [figure, summary(figure)]));
}

const valuesOf = (rounds: readonly Figures[], figure: string) => rounds.map((figures) => figures[figure] ?? Number.NaN);
