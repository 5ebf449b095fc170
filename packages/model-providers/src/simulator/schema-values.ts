/** The keyword of a schema that the simulator cannot satisfy. */
export class UnsupportedSchemaError extends Error {
  override readonly name = 'UnsupportedSchemaError';
}

const WORK_MAX = 1_000_000;
/** The work for a position in a schema, beside that for its texts and lists. */
export const STEP_WORK = 100;

/** Bounds the work for the schemas of one request, about one unit for each character that is read or written. */
export interface SchemaBudget {
  readonly isSpent: boolean;
  /** Throws `UnsupportedSchemaError` when the work exceeds the budget. */
  spend(work: number): void;
}

export function createSchemaBudget(): SchemaBudget {
  let spent = 0;
  return {
    get isSpent() {
      return spent > WORK_MAX;
    },
    spend(work) {
      spent += work;
      if (spent > WORK_MAX) throw new UnsupportedSchemaError('a schema of this size');
    },
  };
}

const STRING_CHARACTERS_MAX = 100_000;

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  time: '12:30:00Z',
  'date-time': '2026-01-31T12:30:00Z',
  duration: 'P1D',
  email: 'reader@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '01a22442-0000-4000-8000-000000000000',
};

type Keywords = Readonly<Record<string, unknown>>;

/** Returns a text of the format and the length of a schema, else words. */
export function stringFor({ format, minLength, maxLength }: Keywords, nextWord: () => string): string {
  const min = typeof minLength === 'number' ? minLength : 0;
  const max = typeof maxLength === 'number' ? maxLength : STRING_CHARACTERS_MAX;
  if (min > Math.min(max, STRING_CHARACTERS_MAX)) throw new UnsupportedSchemaError('minLength');
  if (typeof format === 'string') {
    const text = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
    if (text === undefined || text.length < min || text.length > max) throw new UnsupportedSchemaError('format');
    return text;
  }
  let text = nextWord().trim();
  while (text.length < min) text += ` ${nextWord().trim()}`;
  return text.slice(0, max);
}

/** Returns a number in the range of a schema. */
export function numberFor(schema: Keywords, type: 'number' | 'integer'): number {
  const step = stepOf(schema.multipleOf, type);
  const { lowest, highest } = rangeOf(schema, step);
  const anchor = Number.isFinite(lowest) ? lowest : Math.min(highest, 1);
  const value = step === 0 ? anchor : Math.ceil(anchor / step) * step;
  const found = value <= highest ? value : Math.floor(highest / (step || 1)) * (step || 1);
  const isValid = found >= lowest && found <= highest && (step === 0 || Number.isInteger(found / step));
  if (!isValid || !Number.isFinite(found)) throw new UnsupportedSchemaError('a range without a number');
  // Zero has no sign in JSON.
  return found + 0;
}

function stepOf(multipleOf: unknown, type: 'number' | 'integer'): number {
  const step = typeof multipleOf === 'number' && multipleOf > 0 ? multipleOf : type === 'integer' ? 1 : 0;
  if (type === 'integer' && !Number.isInteger(step)) throw new UnsupportedSchemaError('multipleOf');
  return step;
}

/** An exclusive bound is a number; in older schemas, `true` beside the inclusive bound. */
function rangeOf(schema: Keywords, step: number): { lowest: number; highest: number } {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const bound = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const above = exclusiveMinimum === true ? bound(minimum) : bound(exclusiveMinimum);
  const below = exclusiveMaximum === true ? bound(maximum) : bound(exclusiveMaximum);
  const low = bound(minimum) ?? Number.NEGATIVE_INFINITY;
  const high = bound(maximum) ?? Number.POSITIVE_INFINITY;
  const gap = step || (above !== undefined && below !== undefined ? (below - above) / 4 : 0.5);
  return {
    lowest: above === undefined ? low : Math.max(low, afterStep(above, gap)),
    highest: below === undefined ? high : Math.min(high, -afterStep(-below, gap)),
  };
}

/** Returns the first multiple of `gap` above a bound, or the bound plus the gap where no multiples are required. */
function afterStep(bound: number, gap: number): number {
  return (Math.floor(bound / gap) + 1) * gap;
}
