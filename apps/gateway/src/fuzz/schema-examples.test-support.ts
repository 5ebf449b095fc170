import type { SeededRandom } from '@prodigon/testing';
import type { JsonSchema, SchemasByName } from './operations.test-support.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Valid values of properties whose schema accepts values that the platform rejects. Null is for those that need others. */
const VALID: Readonly<Record<string, Json>> = {
  role: 'user',
  type: 'text',
  background: false,
  previous_response_id: null,
  dimensions: 64,
  effort: 'low',
  modalities: ['text'],
  prompt_cache_retention: '24h',
  reasoning_effort: 'low',
  response_format: { type: 'text' },
  service_tier: 'auto',
  verbosity: 'low',
  audio: null,
  function_call: null,
  functions: null,
  parallel_tool_calls: null,
  prediction: null,
  refusal: null,
  stream_options: null,
  tool_call_id: null,
  tool_calls: null,
  tool_choice: null,
  tools: null,
  top_logprobs: null,
};
/** Optional in the schema, because some roles of a message do not need it. */
const ALWAYS_INCLUDED = 'content';

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
    const included = Object.entries(properties).filter(
      ([key]) => required.includes(key) || key === ALWAYS_INCLUDED || random.oneIn(2),
    );
    return Object.fromEntries(included.map(([key, part]) => [key, exampleOf(part, options, key)]));
  }
  if (firstType === 'array') return Array.from({ length: 1 + random.upTo(1) }, () => exampleOf(items ?? {}, options));
  if (firstType === 'string') return schema.format === 'date' ? '2026-01-01' : `Größe ${random.upTo(999_999)} 🚀`;
  if (firstType === 'boolean') return random.oneIn(2);
  if (firstType === 'null') return null;
  return Math.max(1, schema.minimum ?? 0);
}
