import type { ApiKeyBudget, ApiKeyLimits } from '@prodigon/contracts';
import { type CommandOptions, parseNumber } from '../../command-line-arguments.ts';
import { UsageError } from '../../usage-error.ts';
import { parseDuration } from './parse-duration.ts';

/** The word that removes a limit or an expiry. */
export const NONE = 'none';
/** The word that removes a list of models. */
export const ALL = 'all';

/** The options that describe what a key may do. */
export const KEY_OPTIONS = {
  role: { type: 'string', value: '<role>', choices: ['member', 'admin'], description: 'member or admin' },
  expires: {
    type: 'string',
    value: '<time>',
    description: 'when the key expires: after 30d, 12h or 45m, or at a date (midnight UTC) or time',
  },
  'requests-per-minute': { type: 'string', value: '<n>', description: 'limit of requests per minute' },
  'tokens-per-minute': { type: 'string', value: '<n>', description: 'limit of tokens per minute' },
  streams: { type: 'string', value: '<n>', description: 'limit of concurrent streams' },
  'usd-per-day': { type: 'string', value: '<amount>', description: 'budget in US dollars per day of UTC' },
  'usd-per-month': { type: 'string', value: '<amount>', description: 'budget in US dollars per month of UTC' },
  'tokens-per-day': { type: 'string', value: '<n>', description: 'budget in tokens per day of UTC' },
  'tokens-per-month': { type: 'string', value: '<n>', description: 'budget in tokens per month of UTC' },
  models: {
    type: 'string',
    value: '<a,b>',
    description: 'ids or aliases of the only models that the key may use, or all, the default',
  },
} as const satisfies CommandOptions;

type KeyOptionValues = { readonly [Name in keyof typeof KEY_OPTIONS]?: string | undefined };

const LIMITS: Record<keyof ApiKeyLimits, keyof typeof KEY_OPTIONS> = {
  requests_per_min: 'requests-per-minute',
  tokens_per_min: 'tokens-per-minute',
  streams: 'streams',
};
const BUDGET: Record<keyof ApiKeyBudget, keyof typeof KEY_OPTIONS> = {
  usd_per_day: 'usd-per-day',
  usd_per_month: 'usd-per-month',
  tokens_per_day: 'tokens-per-day',
  tokens_per_month: 'tokens-per-month',
};

/** Returns the given options as fields of the API. Throws a `UsageError` for an invalid value. */
export function readKeyOptions(values: KeyOptionValues, now = Date.now()) {
  const { role, expires, models } = values;
  return {
    ...(role !== undefined && { role: parseRole(role) }),
    ...(expires !== undefined && { expires_at: parseExpiry(expires, now) }),
    limits: readNumbers(values, LIMITS),
    budget: readNumbers(values, BUDGET),
    ...(models !== undefined && { models: parseModels(models) }),
  };
}

function readNumbers<Field extends string>(
  values: KeyOptionValues,
  options: Record<Field, keyof typeof KEY_OPTIONS>,
): Partial<Record<Field, number | null>> {
  const numbers: Partial<Record<Field, number | null>> = {};
  for (const field of Object.keys(options) as Field[]) {
    const text = values[options[field]];
    if (text !== undefined) numbers[field] = parsePositive(options[field], text);
  }
  return numbers;
}

function parsePositive(option: keyof typeof KEY_OPTIONS, text: string): number | null {
  if (text === NONE) return null;
  const number = parseNumber(option, text);
  if (number > 0 && (option.startsWith('usd') || Number.isInteger(number))) return number;
  throw new UsageError(`--${option} takes a ${option.startsWith('usd') ? '' : 'whole '}number above 0, not "${text}".`);
}

function parseRole(text: string): 'admin' | 'member' {
  if (text === 'admin' || text === 'member') return text;
  throw new UsageError(`--role must be member or admin, not "${text}".`);
}

function parseModels(text: string): string[] | null {
  if (text === ALL) return null;
  const models = text.split(',').map((model) => model.trim());
  if (models.every((model) => ![ALL, NONE, ''].includes(model))) return models;
  throw new UsageError(`--models takes all, or ids or aliases of models, separated by commas, not "${text}".`);
}

const ISO_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** Returns an ISO time. A time without a zone is in the time zone of this machine. */
function parseExpiry(text: string, now: number): string | null {
  if (text === NONE) return null;
  const seconds = parseDuration(text);
  const time = seconds === null ? (ISO_TIME.test(text) ? Date.parse(text) : Number.NaN) : now + seconds * 1_000;
  if (Number.isNaN(time)) throw new UsageError(`--expires takes 30d, 12h, 45m or a date such as 2027-01-31, not "${text}".`);
  if (time <= now) throw new UsageError(`--expires must be in the future, not "${text}".`);
  return new Date(time).toISOString();
}
