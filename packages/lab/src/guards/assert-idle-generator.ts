import type { LoadResult } from '../load/load-result.ts';
import { MeasurementRejectedError } from './measurement-rejected-error.ts';

const UTILISATION_MAX = 0.95;
const CPU_SHARE_MAX = 0.9;

/** Throws a `MeasurementRejectedError` when the generator had so much to do that the figures are its own limit. */
export function assertIdleGenerator(name: string, { generator: { cpuShare, eventLoopUtilisation } }: LoadResult): void {
  if (eventLoopUtilisation > UTILISATION_MAX || cpuShare > CPU_SHARE_MAX)
    throw new MeasurementRejectedError(
      `${name}: the load generator was busy for ${percent(eventLoopUtilisation)} of the time, with ${percent(cpuShare)} of a CPU, so the figures are its own limit.`,
    );
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
