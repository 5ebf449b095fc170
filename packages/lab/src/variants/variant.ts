import type { LoadResult } from '../load/load-result.ts';

/** One of the things that are compared, running. */
export interface RunningVariant {
  /** Of all its processes. */
  readonly pids: readonly number[];
  close(): Promise<void>;
}

export interface Variant<Running extends RunningVariant = RunningVariant> {
  readonly name: string;
  /** The variant that its figures are divided by. */
  readonly comparedWith?: string;
  start(): Promise<Running>;
}

/** By name, with the unit last, e.g. `{cpuSecondsPer1000: 0.3}`. */
export type Figures = Readonly<Record<string, number>>;

/** What one round of one variant has brought: its figures, and the loads that they come from, for the guards to look at. */
export interface Measurement {
  readonly figures: Figures;
  readonly loads: readonly LoadResult[];
}
