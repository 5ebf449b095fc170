import type { z } from 'zod';

/** An optional field of a request. Null, which many clients send for an unset option, counts as absent. */
export const nullish = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();

/** A number with a default, which applies to null too. */
export const withDefault = (schema: z.ZodType<number, number>, value: number) =>
  schema
    .nullable()
    .default(value)
    .transform((given) => given ?? value);
