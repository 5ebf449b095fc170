import { type CpuReading, foreignShare } from '../checks/foreign-load.ts';
import { MeasurementRejectedError } from '../checks/measurement-rejected-error.ts';

const FOREIGN_SHARE_MAX = 0.15;
const ATTEMPTS_MAX = 5;

export interface UndisturbedOptions<Result> {
  readonly name: string;
  readonly measure: () => Promise<Result>;
  /** Returns null except on Linux. */
  readonly readCpu: () => CpuReading | null;
  readonly onDisturbed: (message: string) => void;
}

/** Measures, and repeats the measurement when other programs used the machine. Throws a `MeasurementRejectedError` after five disturbed attempts. */
export async function measureUndisturbed<Result>({ name, measure, readCpu, onDisturbed }: UndisturbedOptions<Result>) {
  let share: number | null = null;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const before = readCpu();
    const result = await measure();
    const after = readCpu();
    share = before && after && foreignShare(before, after);
    if (share === null || share <= FOREIGN_SHARE_MAX) return { result, foreignCpuShare: share, attempts: attempt };
    if (attempt < ATTEMPTS_MAX)
      onDisturbed(`${name}: other programs used ${percent(share)} of a CPU during the measurement; repeating it`);
  }
  throw new MeasurementRejectedError(
    `${name}: other programs used more than ${percent(FOREIGN_SHARE_MAX)} of a CPU in each of ${ATTEMPTS_MAX} attempts, ${percent(share ?? 0)} in the last one.`,
  );
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
