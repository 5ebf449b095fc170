import { z } from 'zod';
import { isRecord } from './json-values.ts';

/** The maximum number of problems reported for one object or list. Thousands of them would block the event loop. */
export const FIELD_PROBLEMS_MAX = 5;

/**
 * Returns the schema of an object with any names. It is faster than a record of Zod, which copies the object and describes
 * every invalid pair.
 */
export function pairsSchema<Value extends z.ZodType>(name: z.ZodString, value: Value, pairsMax = Infinity) {
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(z.record(name, value), { io: 'input' });
  return z
    .custom<Record<string, z.output<Value>>>()
    .superRefine((pairs, { addIssue }) => {
      if (!isRecord(pairs)) return addIssue({ code: 'invalid_type', expected: 'record', input: pairs });
      const entries = Object.entries(pairs);
      if (entries.length > pairsMax) return addIssue({ code: 'custom', message: `Must have at most ${pairsMax} pairs` });
      let problems = 0;
      for (const [key, each] of entries) {
        const [issue] = [name.safeParse(key), value.safeParse(each)].flatMap(({ error }) => error?.issues ?? []);
        if (!issue) continue;
        addIssue({ code: 'custom', path: [key, ...issue.path], message: issue.message });
        if (++problems === FIELD_PROBLEMS_MAX) return;
      }
    })
    .meta(jsonSchema);
}
