import type { TaskProgress } from '@prodigon/contracts/workshop';

/** The share of a task that is done, from 0 to 1: sections, the prediction, the verdict and the checks count alike. */
export function progressShare(progress: TaskProgress, sections: number): number {
  if (progress.completed_at !== null && progress.verdict !== null && progress.visited.length >= sections) return 1;
  const done =
    Math.min(progress.visited.length, sections) +
    Number(progress.predicted) +
    Number(progress.verdict !== null) +
    progress.checks_passed;
  return Math.min(1, done / (sections + 2 + progress.checks_total));
}

/** `23 of 60 min`, or the planned minutes before the first visit. */
export function formatMinutes(progress: TaskProgress, minutes: number): string {
  return progress.last_active_at === null ? `${minutes} min` : `${minutes} min · ${progress.minutes} min so far`;
}
