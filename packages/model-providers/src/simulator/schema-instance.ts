import { isRecord } from '@prodigon/contracts';
import {
  createSchemaBudget,
  numberFor,
  type SchemaBudget,
  STEP_WORK,
  stringFor,
  UnsupportedSchemaError,
} from './schema-values.ts';

type Schema = Record<string, unknown>;

/** Keywords that restrict a value in ways that `createInstance` does not follow. */
const UNSUPPORTED = [
  'not',
  'if',
  'contains',
  'pattern',
  'patternProperties',
  'propertyNames',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'uniqueItems',
];
const DEPTH_MAX = 64;
/** An error costs far more than a step. */
const ERROR_WORK = 10 * STEP_WORK;
/** Words are composed, where other characters are copied. */
const TEXT_WORK = 10;
/** From this depth on, instances omit what the schema does not require, so that recursive schemas end. */
const OPTIONAL_DEPTH_MAX = 4;

interface Position {
  readonly depth: number;
}

/**
 * Creates a value that satisfies a JSON Schema of the common subset: types, properties, items, lengths and ranges,
 * formats, enum, const, references, `anyOf`, `oneOf` and `allOf`. Throws `UnsupportedSchemaError` for any other, and when
 * the work exceeds the budget.
 */
export function createInstance(root: unknown, nextWord: () => string, budget: SchemaBudget = createSchemaBudget()): unknown {
  const { spend } = budget;

  function create(given: unknown, at: Position): unknown {
    spend(STEP_WORK);
    if (at.depth > DEPTH_MAX) throw new UnsupportedSchemaError('a schema of this size');
    if (given === true) return wordOf(nextWord);
    if (!isRecord(given)) throw new UnsupportedSchemaError('false');
    const schema = resolve(given);
    const unsupported = UNSUPPORTED.find((keyword) => schema[keyword] !== undefined && schema[keyword] !== false);
    if (unsupported) throw new UnsupportedSchemaError(unsupported);
    const { anyOf, oneOf, ...rest } = schema;
    if (Array.isArray(anyOf)) return createFirst(anyOf, rest, at, false);
    if (Array.isArray(oneOf)) return createFirst(oneOf, rest, at, true);
    if (schema.const !== undefined) return paid(schema.const);
    if (Array.isArray(schema.enum)) {
      spend(schema.enum.length);
      return paid(fromEnum(schema));
    }
    return createOfType(typeOf(schema), schema, at);
  }

  /** Returns a value of the schema itself, which can be of any size. */
  function paid(value: unknown): unknown {
    spend(sizeOf(value));
    return value;
  }

  /** Combines two schemas, of which a value must satisfy both. */
  function merge(base: Schema, added: Schema): Schema {
    spend(Object.keys(base).length);
    const merged: Schema = { ...base };
    for (const [keyword, value] of Object.entries(added)) merged[keyword] = combine(keyword, base[keyword], value, spend);
    return merged;
  }

  /** Follows a reference, and merges `allOf` into one schema. */
  function resolve(schema: Schema, references = 0): Schema {
    const { $ref, allOf, ...rest } = schema;
    spend(STEP_WORK + Object.keys(rest).length);
    if (references > DEPTH_MAX) throw new UnsupportedSchemaError('$ref');
    if (typeof $ref === 'string') {
      spend($ref.length);
      return merge(rest, resolve(lookUp(root, $ref), references + 1));
    }
    if (!Array.isArray(allOf)) return rest;
    return allOf.filter(isRecord).reduce<Schema>((merged, each) => merge(merged, resolve(each, references + 1)), rest);
  }

  function createFirst(options: readonly unknown[], rest: Schema, at: Position, isExclusive: boolean): unknown {
    spend(isExclusive ? sizeOf(options) : options.length);
    // Simple options come first at depth, so that recursive schemas end.
    const ordered = at.depth < OPTIONAL_DEPTH_MAX ? options : options.toSorted((a, b) => weightOf(a) - weightOf(b));
    let failure = new UnsupportedSchemaError(isExclusive ? 'oneOf' : 'anyOf');
    for (const option of ordered) {
      try {
        const value = create(isRecord(option) ? merge(rest, resolve(option)) : option, { depth: at.depth + 1 });
        if (isExclusive) spend(sizeOf(value) + options.length);
        if (!isExclusive || options.every((other) => other === option || differs(other, value))) return value;
      } catch (thrown) {
        if (!(thrown instanceof UnsupportedSchemaError) || budget.isSpent) throw thrown;
        spend(ERROR_WORK);
        failure = thrown;
      }
    }
    throw failure;
  }

  function createOfType(type: unknown, schema: Schema, at: Position): unknown {
    if (type === 'object') return createObject(schema, at);
    if (type === 'array') return createArray(schema, at);
    if (type === 'string') {
      const text = stringFor(schema, nextWord);
      spend(text.length * TEXT_WORK);
      return text;
    }
    if (type === 'number' || type === 'integer') return numberFor(schema, type);
    if (type === 'boolean') return true;
    if (type === 'null') return null;
    throw new UnsupportedSchemaError(`the type ${JSON.stringify(type)?.slice(0, 40)}`);
  }

  function createObject(schema: Schema, { depth }: Position): Record<string, unknown> {
    const properties = isRecord(schema.properties) ? schema.properties : {};
    const required = new Set(Array.isArray(schema.required) ? schema.required.map(String) : []);
    const max = numberOf(schema.maxProperties) ?? Number.POSITIVE_INFINITY;
    const entries: [string, unknown][] = [];
    spend(required.size + Object.keys(properties).length);
    for (const name of required) {
      const property = Object.hasOwn(properties, name) ? properties[name] : (schema.additionalProperties ?? true);
      spend(name.length);
      entries.push([name, create(property, { depth: depth + 1 })]);
    }
    for (const [name, property] of Object.entries(properties)) {
      if (required.has(name) || depth >= OPTIONAL_DEPTH_MAX || entries.length >= max) continue;
      const value = createOptional(property, depth + 1);
      if (value === undefined) continue;
      spend(name.length);
      entries.push([name, value]);
    }
    const min = numberOf(schema.minProperties) ?? 0;
    for (let index = 1; entries.length < min; index++) {
      entries.push([`property_${index}`, create(schema.additionalProperties ?? true, { depth: depth + 1 })]);
    }
    if (entries.length > max) throw new UnsupportedSchemaError('maxProperties');
    return Object.fromEntries(entries);
  }

  /** Returns undefined for a property that has no supported value. */
  function createOptional(schema: unknown, depth: number): unknown {
    try {
      return create(schema, { depth });
    } catch (thrown) {
      if (!(thrown instanceof UnsupportedSchemaError) || budget.isSpent) throw thrown;
      spend(ERROR_WORK);
      return undefined;
    }
  }

  function createArray(schema: Schema, { depth }: Position): unknown[] {
    const fixed = Array.isArray(schema.prefixItems) ? schema.prefixItems : Array.isArray(schema.items) ? schema.items : [];
    const items = Array.isArray(schema.items) ? (schema.additionalItems ?? true) : (schema.items ?? true);
    const max = numberOf(schema.maxItems) ?? Number.POSITIVE_INFINITY;
    const min = numberOf(schema.minItems) ?? 0;
    const wanted = depth < OPTIONAL_DEPTH_MAX && items !== false ? Math.max(1, fixed.length) : 0;
    const length = Math.max(min, Math.min(wanted, max));
    if (length > max) throw new UnsupportedSchemaError('maxItems');
    const values: unknown[] = [];
    while (values.length < length) values.push(create(fixed[values.length] ?? items, { depth: depth + 1 }));
    return values;
  }

  return create(root, { depth: 0 });
}

function wordOf(nextWord: () => string): string {
  return nextWord()
    .replace(/[^a-z]/gi, '')
    .toLowerCase();
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function weightOf(option: unknown): number {
  return isRecord(option) && option.type !== 'object' && option.type !== 'array' && option.$ref === undefined ? 0 : 1;
}

function typeOf({ type, ...schema }: Schema): unknown {
  if (Array.isArray(type)) return type.find((each) => each !== 'null') ?? type[0];
  if (type !== undefined) return type;
  const has = (...keywords: string[]) => keywords.some((keyword) => schema[keyword] !== undefined);
  if (has('properties', 'required', 'minProperties')) return 'object';
  if (has('items', 'prefixItems', 'minItems')) return 'array';
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number';
  return 'string';
}

function fromEnum({ enum: values, type }: Schema): unknown {
  const types = [type ?? []].flat();
  const found = (values as unknown[]).filter((value) => types.length === 0 || types.some((each) => isOfType(value, each)));
  if (found.length === 0) throw new UnsupportedSchemaError('enum');
  return found[0];
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isRecord(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

/** Returns whether a value evidently does not satisfy a schema. */
function differs(schema: unknown, value: unknown): boolean {
  if (!isRecord(schema)) return schema === false;
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return true;
  if (schema.const !== undefined && JSON.stringify(schema.const) !== JSON.stringify(value)) return true;
  if (Array.isArray(schema.enum) && !schema.enum.some((each) => JSON.stringify(each) === JSON.stringify(value))) return true;
  if (!isRecord(value)) return false;
  if (Array.isArray(schema.required) && schema.required.some((name) => !Object.hasOwn(value, String(name)))) return true;
  const properties = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  return properties.some(([name, property]) => Object.hasOwn(value, name) && differs(property, value[name]));
}

const ANNOTATIONS = new Set([
  'title',
  'description',
  'default',
  'examples',
  '$defs',
  'definitions',
  '$id',
  '$comment',
  'additionalProperties',
]);

function combine(keyword: string, base: unknown, added: unknown, spend: SchemaBudget['spend']): unknown {
  if (base === undefined || base === added || ANNOTATIONS.has(keyword)) return added;
  spend(sizeOf(base) + sizeOf(added));
  if (JSON.stringify(base) === JSON.stringify(added)) return added;
  if (keyword === 'properties' && isRecord(base) && isRecord(added)) return { ...base, ...added };
  if (keyword === 'required' && Array.isArray(base) && Array.isArray(added)) return [...base, ...added];
  if (typeof base === 'number' && typeof added === 'number') {
    if (/^(min|exclusiveMin)/.test(keyword)) return Math.max(base, added);
    if (/^(max|exclusiveMax)/.test(keyword)) return Math.min(base, added);
  }
  throw new UnsupportedSchemaError(`allOf with two values of ${keyword}`);
}

/** Returns the length of a value as JSON. */
function sizeOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}

/** Finds the schema of a reference within the document, e.g. `#/$defs/Person`. */
function lookUp(root: unknown, reference: string): Schema {
  if (!reference.startsWith('#')) throw new UnsupportedSchemaError('$ref');
  let found = root;
  for (const part of reference.slice(1).split('/').filter(Boolean)) {
    const name = decodeReference(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) throw new UnsupportedSchemaError('$ref');
    found = (found as Schema)[name];
  }
  if (!isRecord(found)) throw new UnsupportedSchemaError('$ref');
  return found;
}

function decodeReference(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UnsupportedSchemaError('$ref');
  }
}
