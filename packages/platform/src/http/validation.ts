import { AppError, type ErrorDetail } from '@prodigon/contracts';
import type { z } from 'zod';

/** What a schema makes of a value. Throws the `VALIDATION_ERROR` that a route's own schema would have thrown. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw validationError(result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
}

export function validationError(details: ErrorDetail[]): AppError {
  const fields = details.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return new AppError('VALIDATION_ERROR', `The request does not fit its schema. ${fields.slice(0, 5).join('. ')}.`, { details });
}
