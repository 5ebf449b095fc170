import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@prodigon/contracts';
import type { Task } from '@prodigon/contracts/workshop';
import type { WorkshopTask } from '../tasks/read-task.ts';
import type { ExperimentDescription, TaskRunner } from './task-runner.ts';

/** The descriptions that the code of tasks contains. Each version of the code is read once. */
export interface TaskDescriptions {
  /** Throws an `INTERNAL_ERROR` when the code of the experiment fails. */
  experiment(task: WorkshopTask): Promise<ExperimentDescription>;
  /** Returns the checks in the order of the stages. When their code fails, their ids are their titles. */
  checks(task: WorkshopTask): Promise<Task['checks']>;
}

export function createTaskDescriptions({ runner }: { runner: TaskRunner }): TaskDescriptions {
  const experiments = createCache((folder) => runner.describeExperiment(folder));
  const checks = createCache((folder) => runner.describeChecks(folder));
  return {
    async experiment({ folder }) {
      try {
        return await experiments(folder, stampOf(folder, ['experiment.ts']));
      } catch (cause) {
        throw new AppError('INTERNAL_ERROR', undefined, { cause });
      }
    },
    async checks({ folder, definition }) {
      try {
        return await checks(folder, stampOf(folder, ['task.json', 'checks']));
      } catch {
        return definition.stages.flatMap(({ id: stage, checks }) => checks.map((id) => ({ id, title: id, stage })));
      }
    },
  };
}

/** Concurrent callers share one read of a description. After a failure, the next caller reads again. */
function createCache<Value>(read: (folder: string) => Promise<Value>) {
  const entries = new Map<string, { readonly stamp: string; readonly value: Promise<Value> }>();
  return (folder: string, stamp: string): Promise<Value> => {
    const cached = entries.get(folder);
    if (cached?.stamp === stamp) return cached.value;
    const value = read(folder);
    entries.set(folder, { stamp, value });
    value.catch(() => entries.delete(folder));
    return value;
  };
}

/** Returns the newest modification time of the files. */
function stampOf(folder: string, names: readonly string[]): string {
  const paths = names.flatMap((name) => {
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((inner) => join(path, inner));
  });
  return paths.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0).join(' ');
}
