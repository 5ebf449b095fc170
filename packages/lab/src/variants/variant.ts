import type { LoadResult } from '../load/load-result.ts';

/** A running variant. */
export interface RunningVariant {
  /** The pids of all its processes. */
  readonly pids: readonly number[];
  close(): Promise<void>;
}

export interface Variant<Running extends RunningVariant = RunningVariant> {
  readonly name: string;
  /** The name of the variant that serves as the baseline of ratios. */
  readonly comparedWith?: string;
  start(): Promise<Running>;
}

/** Measured values by name, with the unit last, e.g. `{cpuSecondsPer1000: 0.3}`. */
export type Figures = Readonly<Record<string, number>>;

/** The figures of one variant in one round, and the loads they come from, whose validity is checked. */
export interface Measurement {
  readonly figures: Figures;
  readonly loads: readonly LoadResult[];
}
