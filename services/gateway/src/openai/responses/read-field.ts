import { AppError } from '@prodigon/contracts';
import type { z } from 'zod';

/** What a schema makes of one field. Throws `BAD_REQUEST` naming what is wrong in it, e.g. `tools[0].name`. */
export function readField<Schema extends z.ZodType>(schema: Schema, value: unknown, at: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => ({ path: fieldPath(at, path), message }));
  const fields = details.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
  throw new AppError('BAD_REQUEST', `The request does not fit its schema. ${fields.join('. ')}.`, { details });
}

/** The refusal of something that OpenAI's API knows and this one does not, in a sentence that says what to do. */
export function unsupported(path: string, message: string): AppError {
  return new AppError('BAD_REQUEST', message, { details: [{ path, message }] });
}

function fieldPath(at: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((whole, key) => whole + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`), at);
}
