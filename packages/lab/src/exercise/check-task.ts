import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TaskDefinition, taskDefinitionSchema } from '@prodigon/contracts/workshop';
import type { Check } from './check.ts';
import { type CheckReport, type RunChecksOptions, runChecks } from './run-checks.ts';

export interface TaskChecks {
  readonly definition: TaskDefinition;
  /** In the order of the stages. */
  readonly checks: readonly Check[];
  readonly driver: string;
}

/** Loads the checks of a task folder. Throws when they differ from the stages of `task.json`. */
export async function loadTaskChecks(taskFolder: string): Promise<TaskChecks> {
  const definition = taskDefinitionSchema.parse(JSON.parse(await readFile(join(taskFolder, 'task.json'), 'utf8')));
  const checks = (await import(pathToFileURL(join(taskFolder, 'checks/index.ts')).href)).default as readonly Check[];
  const byId = new Map(checks.map((check) => [check.id, check]));
  const ordered = definition.stages.flatMap(({ id: stage, checks: ids }) =>
    ids.map((id) => {
      const check = byId.get(id);
      if (check?.stage !== stage) throw new Error(`task.json has the check ${id} in the stage ${stage}, but checks/ does not.`);
      return check;
    }),
  );
  const unlisted = checks.find((check) => !ordered.includes(check));
  if (unlisted) throw new Error(`checks/ has the check ${unlisted.id}, but task.json does not.`);
  return { definition, checks: ordered, driver: join(taskFolder, 'checks/driver.ts') };
}

export type CheckTaskOptions = Omit<RunChecksOptions, 'task' | 'checks' | 'driver' | 'label'> & {
  readonly taskFolder: string;
  /** The name of the learner's folder in messages. Defaults to `my/<task>`. */
  readonly label?: string;
};

/** Runs the checks of a task folder on a learner's copy. */
export async function checkTask({ taskFolder, label, ...options }: CheckTaskOptions): Promise<CheckReport> {
  const { definition, checks, driver } = await loadTaskChecks(taskFolder);
  return runChecks({ ...options, task: definition.id, checks, driver, label: label ?? `my/${definition.id}` });
}
