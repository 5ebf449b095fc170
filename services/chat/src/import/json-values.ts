/** Readers of parsed JSON whose shape nobody guarantees. Each returns a default for a value of another type. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const recordOf = (value: unknown): JsonRecord => (isRecord(value) ? value : {});

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Returns a text that is not empty. Ids of some exports are numbers. */
export function nameOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

export const bytesOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

/** Limits of a plausible time in seconds, milliseconds and microseconds since 1970. Larger ones are nanoseconds. */
const UNITS = [
  { max: 1e11, perMillisecond: 1e-3 },
  { max: 1e14, perMillisecond: 1 },
  { max: 1e17, perMillisecond: 1e3 },
] as const;
const YEAR_10000 = Date.UTC(10_000, 0);

/** Returns an ISO time for a number since 1970 in any unit, or a date as text; null for everything else. */
export function timeOf(value: unknown): string | null {
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && /^\d{9,19}(\.\d+)?$/.test(value));
  const milliseconds = isNumeric ? millisecondsOf(Number(value)) : Date.parse(textOf(value));
  if (!(milliseconds > 0 && milliseconds < YEAR_10000)) return null;
  return new Date(milliseconds).toISOString();
}

function millisecondsOf(time: number): number {
  const unit = UNITS.find(({ max }) => time < max);
  return time / (unit?.perMillisecond ?? 1e6);
}

/** Returns a value as JSON text. Text stays as it is. */
export const jsonTextOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
