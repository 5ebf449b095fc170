import type { LessonSection, TaskProgress, TaskSummary, Workshop } from '@prodigon/contracts/workshop';
import { checkIdsOf, type WorkshopTask } from '../tasks/read-task.ts';
import { findDoneSections } from './done-sections.ts';
import { eventsOfType, type ProgressEvent } from './progress-event.ts';

/** A longer time between two events counts as a pause. */
const PAUSE_MS = 15 * 60_000;

/** Returns the progress in a task. `all` are the events of all tasks. */
export function summarizeProgress(
  all: readonly ProgressEvent[],
  { definition, sections }: Pick<WorkshopTask, 'definition' | 'sections'>,
  isStarted: boolean,
): TaskProgress {
  const events = all.filter(({ task }) => task === definition.id);
  const visits = eventsOfType(events, 'visited');
  const runs = eventsOfType(events, 'run_ended').filter(({ status }) => status === 'completed');
  const isValid = ({ verdict }: { verdict: string | null }) => verdict !== null && verdict !== 'INVALID';
  const exercise = {
    predicted: eventsOfType(events, 'predicted').length > 0,
    verdict: (runs.findLast(isValid) ?? runs.at(-1))?.verdict ?? null,
    ...summarizeChecks(events, checkIdsOf(definition)),
  };
  const done = findDoneSections(sections, visits, exercise);
  return {
    started: isStarted,
    sections_done: done,
    minutes: activeMinutes(events),
    ...exercise,
    last_active_at: events.at(-1)?.at ?? null,
    next_section: nextOpenSection(sections, done, visits.at(-1)?.section),
  };
}

/** Returns what the checks say about the current copy, which starts with the last reset. */
function summarizeChecks(all: readonly ProgressEvent[], checks: readonly string[]) {
  const events = all.slice(all.findLastIndex(({ type }) => type === 'reset') + 1);
  const runs = eventsOfType(events, 'checks_ended').filter(({ status }) => status === 'completed');
  const newestResults = Object.assign({}, ...runs.map(({ results }) => results)) as Record<string, string>;
  const firstSuccess = runs.find(({ is_whole, results }) => is_whole && checks.every((check) => results[check] === 'passed'));
  const beforeSuccess = firstSuccess ? events.slice(0, events.indexOf(firstSuccess)) : events;
  return {
    checks_passed: checks.filter((check) => newestResults[check] === 'passed').length,
    checks_total: checks.length,
    completed_at: firstSuccess?.at ?? null,
    with_solution: eventsOfType(beforeSuccess, 'solution_applied').length > 0,
  };
}

/** Returns the section to continue with: in the task of the last activity, else in the first task with an open section. */
export function findNextSection(tasks: readonly TaskSummary[]): Workshop['next'] {
  const activeAt = ({ progress }: TaskSummary) => Date.parse(progress.last_active_at ?? '');
  const active = tasks.filter(({ progress }) => progress.last_active_at !== null);
  const last = active.toSorted((a, b) => activeAt(a) - activeAt(b)).at(-1);
  if (!last) return null;
  const open = [last, ...tasks].find(({ progress }) => progress.next_section !== null);
  return open?.progress.next_section ? { task: open.id, section: open.progress.next_section } : null;
}

/** Returns the section that was visited last if it is open, else the next open one after it, else the first open one. */
function nextOpenSection(sections: readonly LessonSection[], done: readonly string[], last: string | undefined): string | null {
  const start = sections.findIndex(({ slug }) => slug === last);
  const inOrder = [...sections.slice(Math.max(0, start)), ...sections];
  return inOrder.find(({ slug }) => !done.includes(slug))?.slug ?? null;
}

function activeMinutes(events: readonly ProgressEvent[]): number {
  const times = events.map(({ at }) => Date.parse(at));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const activeMs = gaps.filter((gap) => gap > 0 && gap <= PAUSE_MS).reduce((sum, gap) => sum + gap, 0);
  return Math.round(activeMs / 60_000);
}
