import { type Summary, summarize, summarizeRatios } from '../statistics.ts';
import type { Figures } from './variant.ts';

export interface VariantReport {
  readonly name: string;
  readonly comparedWith: string | null;
  readonly rounds: readonly Figures[];
  readonly figures: Readonly<Record<string, Summary>>;
  /** Ratios to the figures of the variant in `comparedWith`, formed round by round. Empty without one. */
  readonly ratios: Readonly<Record<string, Summary>>;
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
      ratios: other
        ? eachFigure(rounds, (figure) => summarizeRatios(valuesOf(rounds, figure), valuesOf(other.rounds, figure)))
        : {},
    };
  });
}

function eachFigure(rounds: readonly Figures[], summary: (figure: string) => Summary): Record<string, Summary> {
  return Object.fromEntries(Object.keys(rounds[0] ?? {}).map((figure) => [figure, summary(figure)]));
}

const valuesOf = (rounds: readonly Figures[], figure: string) => rounds.map((figures) => figures[figure] ?? Number.NaN);
