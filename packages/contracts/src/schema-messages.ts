import { z } from 'zod';

type Issue = z.core.$ZodRawIssue | z.core.$ZodIssue;

/** The types of Zod in the terms of JSON. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  tuple: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  url: 'a URL',
  datetime: 'a date and time in ISO 8601',
  date: 'a date in ISO 8601',
};
const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'item', record: 'pair', map: 'pair', set: 'item' };

/** Words the problem of a value, for every schema. Zod's own sentences name its types and the JavaScript type of the value. */
function wordIssue(issue: Issue): string {
  // Only an issue that Zod is about to word has its value.
  if ('inst' in issue && 'input' in issue && issue.input === undefined) return 'Required';
  const expected = expectedBy(issue);
  if (expected !== undefined) return `Must be ${expected}`;
  switch (issue.code) {
    case 'too_small':
      return wordLimit(issue, issue.minimum, issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return wordLimit(issue, issue.maximum, issue.inclusive === false ? 'less than' : 'at most');
    case 'unrecognized_keys':
      return `Unknown ${issue.keys.length > 1 ? 'fields' : 'field'}: ${issue.keys.join(', ')}`;
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues[0]?.message ?? 'Has an invalid key';
    case 'not_multiple_of':
      return `Must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return 'Has an invalid format';
    default:
      return 'Has an invalid value';
  }
}

function wordLimit({ origin, exact }: { origin: string; exact?: boolean | undefined }, limit: number | bigint, bound: string) {
  const unit = UNITS[origin];
  if (unit === undefined) return `Must be ${bound} ${limit}`;
  if (limit === 1 && bound === 'at least') return 'Must not be empty';
  return `Must have ${exact ? 'exactly' : bound} ${limit.toLocaleString('en')} ${unit}${limit === 1 ? '' : 's'}`;
}

/** Returns what the value must be, or undefined if its type and form are right. */
function expectedBy(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? 'of another type';
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_format':
      return FORMATS[issue.format];
    case 'invalid_union':
      return expectedByUnion(issue);
    default:
      return undefined;
  }
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return texts.length === 1 ? JSON.stringify(values[0]) : `one of ${texts.join(', ')}`;
}

function expectedByUnion({ errors, options }: { errors: z.core.$ZodIssue[][]; options?: unknown }): string | undefined {
  if (Array.isArray(options) && options.length > 0) return oneOf(options);
  const expected = errors.map(([issue]) => (issue && issue.path.length === 0 ? expectedBy(issue) : undefined));
  return expected.length > 0 && expected.every((each) => each !== undefined) ? [...new Set(expected)].join(' or ') : undefined;
}

z.config({ localeError: (issue) => wordIssue(issue) });
