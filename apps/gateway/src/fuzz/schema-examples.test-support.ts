import type { SeededRandom } from '@prodigon/testing';
import type { JsonSchema, SchemasByName } from './operations.test-support.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Valid values of properties whose schema accepts values that the platform rejects. */
const VALID: Readonly<Record<string, Json>> = {
  role: 'user',
  type: 'text',
  tools: [],
  tool_choice: 'auto',
  background: false,
  previous_response_id: null,
  dimensions: 64,
};

export interface ExampleOptions {
  schemas: SchemasByName;
  random: SeededRandom;
  /** Values of properties by name. */
  values: Readonly<Record<string, Json>>;
}

/** Returns a valid value of a schema, with about half of the optional properties. */
export function exampleOf(schema: JsonSchema, options: ExampleOptions, name = ''): Json {
  const { schemas, random, values } = options;
  const known = structuredClone(values[name] ?? VALID[name]);
  const { $ref, anyOf, oneOf, enum: choices, type, properties = {}, required = [], items } = schema;
  if ($ref) return exampleOf(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, options, name);
  if (schema.const !== undefined) return schema.const as Json;
  if (known !== undefined) return known;
  const variants = anyOf ?? oneOf;
  if (variants) return exampleOf(variants[0] ?? {}, options, name);
  if (choices) return random.pick(choices) as Json;
  const [firstType] = [type].flat();
  if (firstType === 'object' || firstType === undefined) {
    const included = Object.entries(properties).filter(([key]) => required.includes(key) || random.oneIn(2));
    return Object.fromEntries(included.map(([key, part]) => [key, exampleOf(part, options, key)]));
  }
  if (firstType === 'array') return Array.from({ length: 1 + random.upTo(1) }, () => exampleOf(items ?? {}, options));
  if (firstType === 'string') return schema.format === 'date' ? '2026-01-01' : `Größe ${random.upTo(999_999)} 🚀`;
  if (firstType === 'boolean') return random.oneIn(2);
  if (firstType === 'null') return null;
  return Math.max(1, schema.minimum ?? 0);
}
