import { expect, it } from 'vitest';
import { z } from 'zod';
import './schema-messages.ts';

const kinds = z.discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })]);

it.each<[string, z.ZodType, unknown]>([
  ['Required', z.string(), undefined],
  ['Required', z.enum(['a']), undefined],
  ['Required', z.union([z.string(), z.array(z.string())]), undefined],
  ['Must be a string', z.string().nullish(), 5],
  ['Must be a number', z.number(), Number.NaN],
  ['Must be an integer', z.int(), 1.5],
  ['Must be an object', z.record(z.string(), z.string()), null],
  ['Must be one of a, b', z.enum(['a', 'b']), 'c'],
  ['Must be "a"', z.literal('a'), 'c'],
  ['Must be a string or an array', z.union([z.string().min(1), z.array(z.string())]), 5],
  ['Must be one of a, b or an object', z.union([z.enum(['a', 'b']), z.object({})]), 5],
  ['Must be one of a, b', kinds, { type: 'c' }],
  ['Must not be empty', z.string().min(1), ''],
  ['Must have at most 1,000 items', z.array(z.int()).max(1_000), Array(1_001).fill(1)],
  ['Must have exactly 2 characters', z.string().length(2), 'a'],
  ['Must have at most 1 character', z.string().max(1), 'ab'],
  ['Must be at least 0', z.number().min(0), -1],
  ['Must be more than 0', z.number().positive(), 0],
  ['Must be less than 5', z.number().lt(5), 5],
  ['Must be a multiple of 5', z.number().multipleOf(5), 4],
  ['Unknown field: a', z.strictObject({}), { a: 1 }],
  ['Unknown fields: a, b', z.strictObject({}), { a: 1, b: 1 }],
  ['Must have at most 1 character', z.record(z.string().max(1), z.int()), { ab: 1 }],
  ['Must be a UUID', z.uuid(), 'a'],
  ['Has an invalid format', z.string().regex(/b/), 'a'],
  ['Must be a token', z.string().regex(/b/, 'Must be a token'), 'a'],
])('says "%s"', (message, schema, value) => {
  expect(schema.safeParse(value).error?.issues.map((issue) => issue.message)).toEqual([message]);
});
