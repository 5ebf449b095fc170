import { type Summary, summarise, summariseRatios } from '../statistics.ts';
import type { Figures } from './variant.ts';

export interface VariantReport {
  readonly name: string;
  readonly comparedWith: string | null;
  readonly rounds: readonly Figures[];
  readonly figures: Readonly<Record<string, Summary>>;
  /** Of the variant that it is compared with, formed round by round; empty when there is none. */
  readonly ratios: Readonly<Record<string, Summary>>;
}

export interface MeasurementReport {
  /** Which CPUs who ran on. */
  readonly pinned: string;
  /** What others used of the machine in the worst round that counts, as a share of one CPU; null where that is not known. */
  readonly foreignCpuShareMax: number | null;
  /** Rounds that were disturbed, and measured again. */
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
      figures: eachFigure(rounds, (figure) => summarise(valuesOf(rounds, figure))),
      ratios: other
        ? eachFigure(rounds, (figure) => summariseRatios(valuesOf(rounds, figure), valuesOf(other.rounds, figure)))
        : {},
    };
  });
}

function eachFigure(rounds: readonly Figures[], summary: (figure: string) => Summary): Record<string, Summary> {
  return Object.fromEntries(Object.keys(rounds[0] ?? {}).map((figure) => [figure, summary(figure)]));
}

const valuesOf = (rounds: readonly Figures[], figure: string) => rounds.map((figures) => figures[figure] ?? Number.NaN);
