import type { LoadResult } from '../load/load-result.ts';

/** The measurement of one arm in one block that counts, because nothing disturbed it. */
export interface MeasuredBlock {
  readonly arm: string;
  readonly block: number;
  readonly startedAtMs: number;
  readonly load: LoadResult;
  readonly plannedMs: number;
  /** CPU use of other programs, as a share of one CPU. Null except on Linux. */
  readonly foreignCpuShare: number | null;
}

/** Why a measurement does not count and is repeated. */
export type Disturbance = 'foreign-load' | 'offered-load' | 'generator-delay';

export const LIMITS = {
  /** A browser that draws the charts of a run uses less. */
  foreignCpuShareMax: 0.3,
  offeredShareMin: 0.95,
  generatorDelayMsMax: 25,
  generatorUtilizationMax: 0.9,
} as const;

/** Returns the share of the planned rate at which the generator sent its requests; at most 1. */
export function offeredShare({ load, plannedMs }: Pick<MeasuredBlock, 'load' | 'plannedMs'>): number {
  return Math.min(1, plannedMs / Math.max(load.sendingMs, Number.MIN_VALUE));
}

/** Returns what disturbed the measurement; null when it counts. */
export function findDisturbance(measured: MeasuredBlock): Disturbance | null {
  if ((measured.foreignCpuShare ?? 0) > LIMITS.foreignCpuShareMax) return 'foreign-load';
  if (measured.load.generator.delayP99Ms > LIMITS.generatorDelayMsMax) return 'generator-delay';
  return offeredShare(measured) < LIMITS.offeredShareMin ? 'offered-load' : null;
}
