import type { WorkshopApi } from '@prodigon/api-client/workshop';
import { type TaskSummary, WORKSHOP_LIMITS } from '@prodigon/contracts/workshop';
import { UsageError } from '../../usage-error.ts';

/**
 * Returns the task that the first argument names: its number with or without a zero, its slug, or the id of its
 * experiment. Throws a `UsageError` for other arguments, and for more than `argumentsMax`.
 */
export async function findTask(workshop: WorkshopApi, positionals: readonly string[], argumentsMax = 1): Promise<TaskSummary> {
  const { parts } = await workshop.getWorkshop({});
  const tasks = parts.flatMap((part) => part.tasks);
  const available = ` Available: ${tasks.map(({ id, slug }) => `${id} ${slug}`).join(', ') || 'none'}.`;
  const [name] = positionals;
  if (name === undefined) throw new UsageError(`Name a task.${available}`);
  const unexpected = positionals[argumentsMax];
  if (unexpected !== undefined) throw new UsageError(`Unexpected argument '${unexpected}'.`);
  const key = /^\d$/.test(name) ? `0${name}` : name.toLowerCase();
  const task = tasks.find(({ id, slug, lab }) => [id, slug, lab].includes(key));
  if (!task) throw new UsageError(`There is no task "${name}".${available}`);
  return task;
}

/** Returns the seed of an option. Throws a `UsageError` unless it is a seed. */
export function parseSeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { seedMax } = WORKSHOP_LIMITS;
  if (/^\d{1,10}$/.test(text) && Number(text) <= seedMax) return Number(text);
  throw new UsageError(`--seed takes a whole number from 0 to ${seedMax}, not "${text}".`);
}

/** Returns the ids of a comma-separated option. Throws a `UsageError` for an id that is not `known`. */
export function parseIds(option: string, text: string | undefined, known: readonly string[]): string[] | undefined {
  const ids = text?.split(',').map((id) => id.trim());
  const unknown = ids?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new UsageError(`--${option} "${unknown}" does not exist. Available: ${known.join(', ')}.`);
  return ids;
}
