import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@prodigon/contracts';
import { readTask, TaskProblemError, type WorkshopTask } from './read-task.ts';

export interface TaskCatalog {
  /** In the order of their numbers. */
  readonly tasks: readonly WorkshopTask[];
  /** Returns the task with this number or slug. Throws `NOT_FOUND`. */
  find(name: string): WorkshopTask;
  /** Returns the task of an experiment. Throws `NOT_FOUND`. */
  findByLab(lab: string): WorkshopTask;
}

export interface TaskCatalogOptions {
  /** The folder with the parts, e.g. `workshop`. */
  readonly workshopDirectory: string;
  /** Called with a sentence about each task that the catalog skips. */
  readonly onProblem: (message: string) => void;
}

/** Reads all tasks below a folder. Skips tasks that are incomplete. */
export function loadTaskCatalog({ workshopDirectory, onProblem }: TaskCatalogOptions): TaskCatalog {
  const tasks: WorkshopTask[] = [];
  for (const folder of taskFolders(workshopDirectory)) {
    try {
      const task = readTask(folder);
      assertUnique(task, tasks);
      tasks.push(task);
    } catch (error) {
      if (!(error instanceof TaskProblemError)) throw error;
      onProblem(`The workshop skips the task in ${folder}: ${error.message}.`);
    }
  }
  tasks.sort((one, other) => one.definition.id.localeCompare(other.definition.id));

  const findBy = (isMatch: (task: WorkshopTask) => boolean): WorkshopTask => {
    const found = tasks.find(isMatch);
    if (!found) throw new AppError('NOT_FOUND');
    return found;
  };
  return {
    tasks,
    find: (name) => findBy(({ definition: { id, slug } }) => slug === name || id === name.padStart(2, '0')),
    findByLab: (lab) => findBy(({ definition }) => definition.lab === lab),
  };
}

function taskFolders(workshopDirectory: string): string[] {
  if (!existsSync(workshopDirectory)) return [];
  const foldersIn = (folder: string, prefix: string) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
      .map(({ name }) => join(folder, name))
      .sort();
  return foldersIn(workshopDirectory, 'part-').flatMap((part) => foldersIn(part, 'task-'));
}

function assertUnique({ definition }: WorkshopTask, others: readonly WorkshopTask[]): void {
  for (const field of ['id', 'slug', 'lab'] as const) {
    if (others.some((other) => other.definition[field] === definition[field]))
      throw new TaskProblemError(`another task has the same ${field}, ${definition[field]}`);
  }
}
