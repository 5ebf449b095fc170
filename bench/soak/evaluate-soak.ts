import type { ProcessReport } from './describe-processes.ts';
import type { JobsReport } from './verify-jobs.ts';

export interface SoakFindings {
  readonly wrongAnswers: number;
  /** Null when the run was interrupted before they could be looked at. */
  readonly jobs: JobsReport | null;
  readonly processes: readonly ProcessReport[];
}

/** What did not hold, one sentence each; empty when everything did. */
export function evaluateSoak({ wrongAnswers, jobs, processes }: SoakFindings): string[] {
  const failures = [
    wrongAnswers > 0 && `${wrongAnswers} answers were wrong.`,
    jobs && jobs.items_lost > 0 && `${jobs.items_lost} items of jobs were lost.`,
    jobs && jobs.items_recorded_twice > 0 && `${jobs.items_recorded_twice} items of jobs were recorded twice.`,
    jobs && jobs.without_end > 0 && `${jobs.without_end} jobs did not come to an end.`,
    jobs && jobs.surplus > 0 && `${jobs.surplus} jobs exist that nobody submitted, or for a second time.`,
    ...(jobs?.problems ?? []),
    ...processes.flatMap(({ name, lived_throughout, heap_mb_per_hour: trend }) => {
      if (!lived_throughout) return [];
      if (!trend) return [`There are too few samples of the ${name} after the warm-up to tell whether its heap grows.`];
      const [low, high] = trend.interval.map((each) => each.toFixed(2));
      return trend.verdict === 'indistinguishable from 0'
        ? []
        : [`The heap of the ${name} ${trend.verdict} by ${trend.slope.toFixed(2)} MB an hour (${low} to ${high}).`];
    }),
    ...processes.flatMap(({ name, resources_per_hour: trend }) =>
      trend?.verdict === 'grows' ? [`The ${name} holds more and more handles: ${trend.slope.toFixed(1)} an hour.`] : [],
    ),
  ];
  return failures.filter((each) => typeof each === 'string');
}
