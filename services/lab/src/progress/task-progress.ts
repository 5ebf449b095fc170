import type { TaskProgress, Workshop } from '@prodigon/contracts/workshop';
import { checkIdsOf, type WorkshopTask } from '../tasks/read-task.ts';
import { eventsOfType, type ProgressEvent } from './progress-event.ts';

/** A longer time between two events counts as a pause. */
const PAUSE_MS = 15 * 60_000;

/** Returns the progress in a task. `all` are the events of all tasks. */
export function summarizeProgress(
  all: readonly ProgressEvent[],
  { definition }: Pick<WorkshopTask, 'definition'>,
  isStarted: boolean,
): TaskProgress {
  const events = all.filter(({ task }) => task === definition.id);
  const visits = eventsOfType(events, 'visited');
  const checkRuns = eventsOfType(events, 'checks_ended').filter(({ status }) => status === 'completed');
  const checks = checkIdsOf(definition);
  const newestResults = Object.assign({}, ...checkRuns.map(({ results }) => results)) as Record<string, string>;
  const firstSuccess = checkRuns.find(
    ({ is_whole, results }) => is_whole && checks.every((check) => results[check] === 'passed'),
  );
  return {
    started: isStarted,
    visited: [...new Set(visits.map(({ section }) => section))],
    minutes: activeMinutes(events),
    predicted: eventsOfType(events, 'predicted').length > 0,
    verdict: eventsOfType(events, 'run_ended').findLast(({ status }) => status === 'completed')?.verdict ?? null,
    checks_passed: checks.filter((check) => newestResults[check] === 'passed').length,
    checks_total: checks.length,
    completed_at: firstSuccess?.at ?? null,
    last_active_at: events.at(-1)?.at ?? null,
    last_section: visits.at(-1)?.section ?? null,
  };
}

/** Returns the task and the section where the learner left off. */
export function findNextSection(events: readonly ProgressEvent[], tasks: readonly WorkshopTask[]): Workshop['next'] {
  const last = eventsOfType(events, 'visited').findLast((visit) => tasks.some(({ definition }) => definition.id === visit.task));
  return last ? { task: last.task, section: last.section } : null;
}

function activeMinutes(events: readonly ProgressEvent[]): number {
  const times = events.map(({ at }) => Date.parse(at));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const activeMs = gaps.filter((gap) => gap > 0 && gap <= PAUSE_MS).reduce((sum, gap) => sum + gap, 0);
  return Math.round(activeMs / 60_000);
}
