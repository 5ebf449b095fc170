import { type CpuReading, foreignShare } from '../guards/foreign-load.ts';
import { MeasurementRejectedError } from '../guards/measurement-rejected-error.ts';

const FOREIGN_SHARE_MAX = 0.15;
const ATTEMPTS_MAX = 5;

export interface UndisturbedOptions<Result> {
  readonly name: string;
  readonly measure: () => Promise<Result>;
  /** Null where nobody says. */
  readonly readCpu: () => CpuReading | null;
  readonly onDisturbed: (message: string) => void;
}

/** Measures again while something else used the machine meanwhile, a bounded number of times. Throws a `MeasurementRejectedError` when it never stops. */
export async function measureUndisturbed<Result>({ name, measure, readCpu, onDisturbed }: UndisturbedOptions<Result>) {
  let share: number | null = null;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const before = readCpu();
    const result = await measure();
    const after = readCpu();
    share = before && after && foreignShare(before, after);
    if (share === null || share <= FOREIGN_SHARE_MAX) return { result, foreignCpuShare: share, attempts: attempt };
    if (attempt < ATTEMPTS_MAX) onDisturbed(`${name}: other programs used ${percent(share)} of a CPU meanwhile; measured again`);
  }
  throw new MeasurementRejectedError(
    `${name}: other programs used more than ${percent(FOREIGN_SHARE_MAX)} of a CPU in each of ${ATTEMPTS_MAX} attempts, the last time ${percent(share ?? 0)}.`,
  );
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
