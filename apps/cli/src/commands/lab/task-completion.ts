import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskDefinition } from '@prodigon/contracts/workshop';
import type { CompletionRequest } from '../../command.ts';

/** Completes the slug of a task, and the checks of the named task after `--only` or as the second argument. */
export function completeTask({ context, words, option }: CompletionRequest): readonly string[] {
  const tasks = readTasks(join(context.rootDirectory, 'workshop'));
  if (option !== undefined && option !== 'only') return [];
  if (option === undefined && words.length === 0) return tasks.map(({ slug }) => slug);
  const task = tasks.find(({ id, slug }) => words.includes(slug) || words.includes(id) || words.includes(String(Number(id))));
  return task?.stages.flatMap(({ checks }) => checks) ?? [];
}

/** Completes only the task. */
export const completeTaskOnly = (request: CompletionRequest): readonly string[] =>
  request.option === undefined && request.words.length === 0 ? completeTask(request) : [];

/** Reads the tasks without validation. Skips files that cannot be read. */
function readTasks(workshop: string): Pick<TaskDefinition, 'id' | 'slug' | 'stages'>[] {
  return namesIn(workshop).flatMap((part) =>
    namesIn(join(workshop, part)).flatMap((task) => {
      try {
        return [JSON.parse(readFileSync(join(workshop, part, task, 'task.json'), 'utf8'))];
      } catch {
        return [];
      }
    }),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
