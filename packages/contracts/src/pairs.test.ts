import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FIELD_PROBLEMS_MAX, pairsSchema } from './pairs.ts';
import './schema-messages.ts';

const schema = pairsSchema(z.string().max(3), z.number().max(9), 1_000);
const problemsOf = (value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => [path.join('.'), message]);

describe('pairsSchema', () => {
  it('accepts valid pairs unchanged', () => {
    const value = JSON.parse('{"a":1,"b":2,"__proto__":3}');
    expect(pairsSchema(z.string(), z.number()).parse(value)).toBe(value);
  });

  it.each<[string, unknown, [string, string]]>([
    ['a list', [1], ['', 'Must be an object']],
    ['a missing value', undefined, ['', 'Required']],
    ['a value of another type', { a: '1' }, ['a', 'Must be a number']],
    ['a value that is too large', { a: 10 }, ['a', 'Must be at most 9']],
    ['a long name', { abcd: 1 }, ['abcd', 'Must have at most 3 characters']],
  ])('rejects %s', (_case, value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });

  it('reports only the first invalid pairs, and none of them when there are too many pairs', () => {
    const wrong = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [index, 'x']));
    expect(problemsOf(wrong(1_000))).toHaveLength(FIELD_PROBLEMS_MAX);
    expect(problemsOf(wrong(1_001))).toEqual([['', 'Must have at most 1000 pairs']]);
  });

  it('has the JSON Schema of a record', () => {
    const { $schema: _, ...record } = z.toJSONSchema(z.record(z.string(), z.number()));
    expect(z.toJSONSchema(pairsSchema(z.string(), z.number()), { unrepresentable: 'any' })).toMatchObject(record);
  });
});
