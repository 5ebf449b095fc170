import type { LoadResult } from '../load/load-result.ts';
import { MeasurementRejectedError } from './measurement-rejected-error.ts';

const UTILIZATION_MAX = 0.95;
const CPU_SHARE_MAX = 0.9;

/** Throws a `MeasurementRejectedError` when the load generator was saturated, so that it limited the figures. */
export function assertIdleGenerator(name: string, { generator: { cpuShare, eventLoopUtilization } }: LoadResult): void {
  if (eventLoopUtilization > UTILIZATION_MAX || cpuShare > CPU_SHARE_MAX)
    throw new MeasurementRejectedError(
      `${name}: the load generator was busy for ${percent(eventLoopUtilization)} of the time, with ${percent(cpuShare)} of a CPU, so it limited the figures.`,
    );
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
