import { AppError } from '@prodigon/contracts';
import type {
  ApplySolution,
  CheckRun,
  CreateHint,
  CreateVisit,
  Hint,
  Task,
  TaskFiles,
  TaskSummary,
  Workshop,
} from '@prodigon/contracts/workshop';
import type { CheckService } from '../checks/check-service.ts';
import { eventsOfType } from '../progress/progress-event.ts';
import { findNextSection, summarizeProgress } from '../progress/task-progress.ts';
import type { WorkshopContext } from '../workshop-context.ts';
import { ownFolderName } from './learner-files.ts';
import { checkIdsOf, type WorkshopTask } from './read-task.ts';

export interface TaskService {
  list(): Workshop;
  get(task: WorkshopTask): Promise<Task>;
  visit(task: WorkshopTask, body: CreateVisit): Promise<Task>;
  start(task: WorkshopTask): TaskFiles;
  reset(task: WorkshopTask): TaskFiles;
  files(task: WorkshopTask): TaskFiles;
  /** Throws `CONFLICT` before the first run of all checks, unless the caller forces it. */
  applySolution(task: WorkshopTask, body: ApplySolution): TaskFiles;
  /** Returns the next hint for a check, or the last one again. */
  showHint(task: WorkshopTask, body: CreateHint): Hint;
}

export interface TaskServiceDependencies extends WorkshopContext {
  readonly checks: Pick<CheckService, 'last' | 'latestResults'>;
}

export function createTaskService(dependencies: TaskServiceDependencies): TaskService {
  const { catalog, progress, files, descriptions, checks, recordEvent } = dependencies;

  function summarize(task: WorkshopTask): TaskSummary {
    const { id, slug, title, summary, minutes, lab } = task.definition;
    const { part, lesson, sections } = task;
    const taskProgress = summarizeProgress(progress.events(), task, files.isStarted(task));
    return { id, slug, title, summary, minutes, lab, part, lesson, sections: [...sections], progress: taskProgress };
  }

  const eventsOf = ({ definition }: WorkshopTask) => progress.events().filter(({ task }) => task === definition.id);

  /** Returns the hints that were shown, by check. */
  function shownHints(task: WorkshopTask): Record<string, string[]> {
    const levels = new Map<string, number>();
    for (const { check, level } of eventsOfType(eventsOf(task), 'hint_shown'))
      if (Object.hasOwn(task.hints, check)) levels.set(check, Math.max(level, levels.get(check) ?? 0));
    return Object.fromEntries([...levels].map(([check, level]) => [check, task.hints[check]?.slice(0, level) ?? []]));
  }

  /** The current copy starts with the last reset. */
  const copiedAt = (task: WorkshopTask): Date => new Date(eventsOfType(eventsOf(task), 'reset').at(-1)?.at ?? 0);

  function lastCheckRun(task: WorkshopTask): CheckRun | null {
    const run = checks.last(task);
    return run && Date.parse(run.created_at) < copiedAt(task).getTime() ? null : run;
  }

  async function get(task: WorkshopTask): Promise<Task> {
    const { goals, prerequisites, stages } = task.definition;
    return {
      ...summarize(task),
      ...{ goals, prerequisites, stages },
      checks: await descriptions.checks(task),
      own_folder: ownFolderName(task),
      hints: shownHints(task),
      last_check_run: lastCheckRun(task),
      check_results: checks.latestResults(task, copiedAt(task)),
    };
  }

  return {
    list() {
      const parts = [...new Set(catalog.tasks.map(({ part }) => part))].map((part) => ({
        id: part,
        title: titleOfPart(part),
        tasks: catalog.tasks.filter((task) => task.part === part).map(summarize),
      }));
      return {
        parts,
        next: findNextSection(parts.flatMap((part) => part.tasks)),
      };
    },
    get,
    visit(task, { section, is_read }) {
      if (!task.sections.some(({ slug }) => slug === section)) throw new AppError('NOT_FOUND');
      recordEvent({ type: 'visited', task: task.definition.id, section, ...(is_read && { is_read }) });
      return get(task);
    },
    start(task) {
      if (files.start(task)) recordEvent({ type: 'started', task: task.definition.id });
      return files.list(task);
    },
    reset(task) {
      const backup = files.reset(task);
      recordEvent({ type: 'reset', task: task.definition.id });
      return { ...files.list(task), backup };
    },
    files: (task) => files.list(task),
    applySolution(task, { force }) {
      const hasTried = eventsOfType(eventsOf(task), 'checks_ended').some((run) => run.is_whole && run.status === 'completed');
      if (files.isStarted(task) && !hasTried && !force)
        throw new AppError('CONFLICT', 'Run all checks once before you apply the solution.');
      const backup = files.applySolution(task);
      recordEvent({ type: 'solution_applied', task: task.definition.id });
      return { ...files.list(task), backup };
    },
    showHint(task, { check }) {
      const hints = task.hints[check];
      if (!hints || !checkIdsOf(task.definition).includes(check)) throw new AppError('NOT_FOUND');
      const shown = shownHints(task)[check]?.length ?? 0;
      const level = Math.min(shown + 1, hints.length);
      if (level > shown) recordEvent({ type: 'hint_shown', task: task.definition.id, check, level });
      return { check, level, levels: hints.length, text: hints[level - 1] ?? '' };
    },
  };
}

/** Returns e.g. `Part 1: Design patterns` for `part-1-design-patterns`. */
function titleOfPart(folder: string): string {
  const [, number = '', words = ''] = /^part-(\d+)-(.+)$/.exec(folder) ?? [];
  const name = words.replaceAll('-', ' ');
  return number === '' ? folder : `Part ${number}: ${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
