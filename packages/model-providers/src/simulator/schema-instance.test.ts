import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createInstance } from './schema-instance.ts';
import { createSimulatedText } from './simulated-text.ts';

const instanceOf = (schema: unknown) => createInstance(schema, createSimulatedText(1));
const node = {
  type: 'object',
  properties: { value: { type: 'integer' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
  required: ['value', 'next'],
};
const tree = { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } }, name: { type: 'string' } } };

/** References whose number doubles from each definition to the next. */
function doubling({ allOf }: { allOf?: true; anyOf?: true }): object {
  const $defs = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => {
      const next = { $ref: `#/$defs/d${index + 1}` };
      return [`d${index}`, allOf ? { allOf: [next, next] } : { anyOf: [next, next] }];
    }),
  );
  return { $defs: { ...$defs, d40: allOf ? {} : false }, $ref: '#/$defs/d0' };
}

describe('an instance of a schema', () => {
  it.each<[string, object]>([
    ['any value', {}],
    ['a constant', { const: 'a' }],
    ['an enumeration of one type', { enum: ['a', 1, null], type: 'integer' }],
    ['an integer above an exclusive bound', { type: 'integer', exclusiveMinimum: 3 }],
    ['a number between exclusive bounds', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }],
    ['a number between bounds', { type: 'number', minimum: -5.5, maximum: -5.25 }],
    ['a negative integer', { type: 'integer', maximum: -3 }],
    ['a multiple', { type: 'integer', minimum: 10, multipleOf: 7 }],
    ['a text of a length', { type: 'string', minLength: 20, maxLength: 25 }],
    ['a short text', { type: 'string', maxLength: 2 }],
    ['a date-time', { type: 'string', format: 'date-time' }],
    ['a uuid', { type: 'string', format: 'uuid' }],
    ['a type of several', { type: ['null', 'boolean'] }],
    ['a list with a minimum', { type: 'array', items: { type: 'boolean' }, minItems: 5 }],
    ['a tuple', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false }],
    [
      'an object without further properties',
      { type: 'object', properties: { a: { type: 'null' } }, additionalProperties: false },
    ],
    ['a required property without a schema', { type: 'object', required: ['a'], additionalProperties: { type: 'number' } }],
    ['alternatives of which exactly one matches', { oneOf: [{ type: 'number' }, { type: 'integer' }, { type: 'string' }] }],
    [
      'several schemas',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: { type: 'integer', minimum: 3 } }, required: ['b'] },
        ],
      },
    ],
    ['a recursive list', node],
    ['a recursive tree', tree],
  ])('satisfies the schema of %s', (_case, schema) => {
    const value = instanceOf(schema);
    expect(z.fromJSONSchema(schema as never).safeParse(value).success, JSON.stringify(value)).toBe(true);
    expect(instanceOf(schema)).toEqual(value);
  });

  it('omits an optional property without a supported value', () => {
    expect(instanceOf({ type: 'object', properties: { a: { type: 'string', pattern: 'x' }, b: { const: 1 } } })).toEqual({
      b: 1,
    });
  });

  it.each<[string, unknown]>([
    ['a text', 'x'],
    ['false', false],
    ['a pattern', { type: 'string', pattern: '^(a+)+$' }],
    ['a negation', { not: {} }],
    ['an unknown type', { type: 'hiccup' }],
    ['an unknown format', { type: 'string', format: 'smell' }],
    ['an empty enumeration', { enum: [] }],
    ['an empty range', { type: 'integer', minimum: 3, maximum: 2 }],
    ['contradicting lengths', { type: 'string', minLength: 3, maxLength: 2 }],
    ['a huge list', { type: 'array', minItems: 1e9 }],
    ['a reference to another document', { $ref: 'https://example.com/schema' }],
    ['a reference that is not percent-encoded', { $ref: '#/%E0%A4%A' }],
    ['many long texts', { type: 'array', minItems: 9_000, items: { type: 'string', minLength: 100_000 } }],
    ['many long constants', { type: 'array', minItems: 9_000, items: { const: 'x'.repeat(10_000) } }],
    ['many long names', { type: 'array', minItems: 9_000, items: { type: 'object', required: ['x'.repeat(10_000)] } }],
    ['references that double', doubling({ allOf: true })],
    ['alternatives that double', doubling({ anyOf: true })],
    ['many wide alternatives', { type: 'array', minItems: 9_000, items: { oneOf: Array(1_000).fill({ const: 1 }) } }],
    [
      'many wide enumerations',
      { type: 'array', minItems: 9_000, items: { enum: Array(1_000).fill('a').concat(1), type: 'integer' } },
    ],
    ['a missing reference', { $ref: '#/$defs/none' }],
    ['a reference to itself', { $ref: '#' }],
    ['an endless object', { type: 'object', properties: { a: { $ref: '#' }, b: { $ref: '#' } }, required: ['a', 'b'] }],
    ['a required property that is not allowed', { type: 'object', required: ['a'], additionalProperties: false }],
  ])('does not exist for %s', (_case, schema) => {
    expect(() => instanceOf(schema)).toThrow(expect.objectContaining({ name: 'UnsupportedSchemaError' }));
  });
});
