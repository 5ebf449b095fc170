import type { TaskProgress } from '@prodigon/contracts/workshop';

/** The share of a task that is done, from 0 to 1: each section and each check counts alike. */
export function progressShare(progress: TaskProgress, sections: number): number {
  if (completionOf(progress) !== null && progress.sections_done.length >= sections) return 1;
  const done = Math.min(progress.sections_done.length, sections) + progress.checks_passed;
  return Math.min(1, done / (sections + progress.checks_total));
}

const hasValidVerdict = ({ verdict }: TaskProgress): boolean => verdict !== null && verdict !== 'INVALID';

/** How a task was completed; null before all its checks passed and its experiment had a valid verdict. */
export function completionOf(progress: TaskProgress): 'Completed' | 'Completed with the solution' | null {
  if (progress.completed_at === null || !hasValidVerdict(progress)) return null;
  return progress.with_solution ? 'Completed with the solution' : 'Completed';
}

/** `3 of 15 checks pass · REFUTED`. */
export function describeResults(progress: TaskProgress): string {
  const checks = `${progress.checks_passed} of ${progress.checks_total} checks pass`;
  const origin = progress.with_solution ? ', with the solution' : '';
  const verdict = hasValidVerdict(progress) ? progress.verdict : 'no valid verdict';
  return `${checks}${origin}${progress.verdict === null && progress.completed_at === null ? '' : ` · ${verdict}`}`;
}

/** `60 min · 23 min so far`, or the planned minutes before the first activity. */
export function formatMinutes(progress: TaskProgress, minutes: number): string {
  return progress.last_active_at === null ? `${minutes} min` : `${minutes} min · ${progress.minutes} min so far`;
}
