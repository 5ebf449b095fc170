import type { z } from 'zod';

/** Rejects text that PostgreSQL cannot store unchanged. */
export const storable = <Schema extends z.ZodType<string | null | undefined>>(schema: Schema) =>
  schema
    .refine((value) => !value?.includes('\0'), 'Must not contain the character U+0000')
    .refine((value) => value?.isWellFormed() ?? true, 'Must not contain half of a surrogate pair');

/** Returns whether PostgreSQL can store all strings and keys of a JSON value unchanged. */
export function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => isStorableJson(key) && isStorableJson(item));
}

/** Replaces U+0000 and halves of surrogate pairs, which PostgreSQL cannot store in text. Keeps the length of the text. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
