import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type LessonSection,
  type TaskDefinition,
  type TaskHints,
  taskDefinitionSchema,
  taskHintsSchema,
} from '@prodigon/contracts/workshop';
import type { z } from 'zod';
import { lessonSections } from './lesson-sections.ts';

/** A task as its folder describes it. */
export interface WorkshopTask {
  readonly definition: TaskDefinition;
  /** The name of the folder of its part, e.g. `part-1-design-patterns`. */
  readonly part: string;
  /** The absolute path of its folder. */
  readonly folder: string;
  /** The path of the lesson in the content API. */
  readonly lesson: string;
  readonly sections: readonly LessonSection[];
  readonly hints: TaskHints;
}

/** A task folder is incomplete or contradicts itself. The message explains the problem. */
export class TaskProblemError extends Error {
  override readonly name = 'TaskProblemError';
}

/** Reads a task folder. Throws a `TaskProblemError`. */
export function readTask(folder: string): WorkshopTask {
  const definition = readJson(folder, 'task.json', taskDefinitionSchema);
  const hints = readJson(folder, 'hints.json', taskHintsSchema);
  const sections = lessonSections(readText(folder, 'lesson.md'));
  const checks = checkIdsOf(definition);
  const repeated = checks.find((check, index) => checks.indexOf(check) !== index);
  if (repeated) throw new TaskProblemError(`two stages have the check ${repeated}`);
  const unknown = [...definition.starter_fails, ...Object.keys(hints)].find((check) => !checks.includes(check));
  if (unknown) throw new TaskProblemError(`no stage has the check ${unknown}`);
  if (sections.length === 0) throw new TaskProblemError('lesson.md has no sections');
  const part = basename(dirname(folder));
  const lesson = `${basename(dirname(dirname(folder)))}/${part}/${basename(folder)}/lesson.md`;
  return { definition, part, folder, lesson, sections, hints };
}

export const checkIdsOf = ({ stages }: TaskDefinition): string[] => stages.flatMap(({ checks }) => checks);

function readJson<Schema extends z.ZodType>(folder: string, name: string, schema: Schema): z.infer<Schema> {
  const text = readText(folder, name);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TaskProblemError(`${name} is not valid JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TaskProblemError(`${name} is not valid at ${issue?.path.join('.') || 'its root'}: ${issue?.message}`);
}

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    throw new TaskProblemError(`${name} cannot be read`);
  }
}
