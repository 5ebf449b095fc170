import type { ProcessReport } from './describe-processes.ts';
import type { JobsReport } from './verify-jobs.ts';

export interface SoakFindings {
  readonly wrongResponses: number;
  /** Null when the run was interrupted before the jobs were verified. */
  readonly jobs: JobsReport | null;
  readonly processes: readonly ProcessReport[];
}

/** Returns one sentence per failed criterion of the soak test. */
export function evaluateSoak({ wrongResponses, jobs, processes }: SoakFindings): string[] {
  const failures = [
    wrongResponses > 0 && `${wrongResponses} responses were wrong.`,
    jobs && jobs.items_lost > 0 && `${jobs.items_lost} job items were lost.`,
    jobs && jobs.items_recorded_twice > 0 && `${jobs.items_recorded_twice} job items were recorded twice.`,
    jobs && jobs.without_end > 0 && `${jobs.without_end} jobs did not reach a terminal state.`,
    jobs && jobs.surplus > 0 && `${jobs.surplus} jobs are duplicates or were never submitted.`,
    ...(jobs?.problems ?? []),
    ...processes.flatMap(({ name, lived_throughout, heap_mb_per_hour: trend }) => {
      if (!lived_throughout) return [];
      if (!trend) return [`There are too few samples of the ${name} after the warm-up to determine whether its heap grows.`];
      const [low, high] = trend.interval.map((each) => each.toFixed(2));
      return trend.verdict === 'indistinguishable from 0'
        ? []
        : [`The heap of the ${name} ${trend.verdict} by ${trend.slope.toFixed(2)} MB an hour (${low} to ${high}).`];
    }),
    ...processes.flatMap(({ name, resources_per_hour: trend }) =>
      trend?.verdict === 'grows' ? [`The number of handles of the ${name} grows by ${trend.slope.toFixed(1)} an hour.`] : [],
    ),
  ];
  return failures.filter((each) => typeof each === 'string');
}
