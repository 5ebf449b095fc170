import { z } from 'zod';

/** An optional sign, digits, and optionally a decimal fraction. `Number` would also read ``, `0x10`, `1e1` and ` 5`. */
const DECIMAL = /^-?\d{1,20}(\.\d{1,20})?$/;

/**
 * Reads the text of a query parameter as a number in decimal digits, and validates it with `schema`. Use `prefault` for a
 * default, which the description of the API then contains.
 */
export function queryNumber<Schema extends z.ZodType<number>>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    if (DECIMAL.test(value)) return Number(value);
    context.addIssue({ code: 'custom', message: 'Must be a number in decimal digits' });
    return z.NEVER;
  }, schema);
}
