import { generateRequestSchema, jobOptionsSchema } from '@prodigon/contracts';
import { expect, it } from 'vitest';
import { fieldMessage } from './field-message.ts';

it.each([
  ['not a number', jobOptionsSchema, { priority: Number.NaN }, 'Must be a number'],
  ['a fraction', jobOptionsSchema, { priority: 1.5 }, 'Must be a whole number'],
  ['a number that is too large', jobOptionsSchema, { priority: 1_000 }, 'At most 9'],
  ['a number that is too small', jobOptionsSchema, { expires_in_hours: 0 }, 'At least 1'],
  ['a text that is too long', jobOptionsSchema, { name: 'x'.repeat(10_000) }, 'At most 120 characters'],
  ['a temperature of the chat', generateRequestSchema.omit({ prompt: true }), { temperature: 3 }, 'At most 2'],
] as const)('explains %s without the words of the validator', (_case, schema, input, expected) => {
  const issue = schema.safeParse(input).error?.issues[0];
  expect(issue && fieldMessage(issue, Object.values(input)[0])).toBe(expected);
});
