import type { LessonSection, TaskProgress } from '@prodigon/contracts/workshop';
import type { ProgressEventOf } from './progress-event.ts';

type Exercise = Pick<TaskProgress, 'predicted' | 'verdict' | 'checks_passed' | 'checks_total' | 'completed_at'>;

/** The sections of every lesson that ask for an action, by the first word of their slugs, and when each action is done. */
const ACTIONS: ReadonlyMap<string, (exercise: Exercise) => boolean> = new Map([
  ['predict', ({ predicted }) => predicted],
  ['run', ({ verdict }) => verdict !== null],
  ['fix', ({ checks_passed, checks_total, completed_at }) => checks_passed === checks_total || completed_at !== null],
  ['prove', ({ completed_at }) => completed_at !== null],
]);

/** Returns the slugs of the sections that the learner has read to their end, or whose action is done. */
export function findDoneSections(
  sections: readonly LessonSection[],
  visits: readonly ProgressEventOf<'visited'>[],
  exercise: Exercise,
): string[] {
  const read = new Set(visits.filter(({ is_read }) => is_read).map(({ section }) => section));
  return sections.map(({ slug }) => slug).filter((slug) => ACTIONS.get(slug.split('-')[0] ?? '')?.(exercise) ?? read.has(slug));
}
