import {
  API_KEY_LIMITS,
  type ApiKey,
  type ApiKeyRole,
  type AppError,
  type CreateApiKeyRequestInput,
  createApiKeyRequestSchema,
  type UpdateApiKeyRequest,
} from '@prodigon/contracts';
import { fieldMessage } from '../../design/field-message.ts';
import { parseOptionalNumber } from '../../design/optional-number.ts';

export const LIMIT_FIELDS = ['requests_per_min', 'tokens_per_min', 'streams'] as const;
export const BUDGET_FIELDS = ['usd_per_day', 'usd_per_month', 'tokens_per_day', 'tokens_per_month'] as const;
export type NumberFieldName = (typeof LIMIT_FIELDS)[number] | (typeof BUDGET_FIELDS)[number];

/** The form fields as typed. Empty numbers and an empty expiry mean null. */
export interface KeyFields extends Record<NumberFieldName, string> {
  name: string;
  owner: string;
  role: ApiKeyRole;
  /** In the time zone of the browser, such as `2026-12-24T18:00`. */
  expires_at: string;
  /** Ids and aliases; null for all models. */
  models: readonly string[] | null;
}
export type KeyFieldErrors = Partial<Record<keyof KeyFields, string | undefined>>;

export function fieldsOf(key: ApiKey | null, owner: string): KeyFields {
  const text = (value: number | null | undefined) => String(value ?? '');
  return {
    name: key?.name ?? '',
    owner: key?.owner ?? owner,
    role: key?.role ?? 'member',
    expires_at: key?.expires_at ? localMinute(key.expires_at) : '',
    models: key?.models ?? null,
    requests_per_min: text(key?.limits.requests_per_min),
    tokens_per_min: text(key?.limits.tokens_per_min),
    streams: text(key?.limits.streams),
    usd_per_day: text(key?.budget.usd_per_day),
    usd_per_month: text(key?.budget.usd_per_month),
    tokens_per_day: text(key?.budget.tokens_per_day),
    tokens_per_month: text(key?.budget.tokens_per_month),
  };
}

type ParsedKey = { request: CreateApiKeyRequestInput } | { errors: KeyFieldErrors };

/** Validates the fields by the schema of the API. An expiry has to be after `now`, in milliseconds since the epoch. */
export function parseKeyFields(fields: KeyFields, now: number): ParsedKey {
  const values = {
    name: fields.name.trim(),
    owner: fields.owner.trim() || undefined,
    role: fields.role,
    expires_at: isoTimeOf(fields.expires_at),
    limits: numbersOf(fields, LIMIT_FIELDS),
    budget: numbersOf(fields, BUDGET_FIELDS),
    models: fields.models && [...fields.models],
  };
  const errors: KeyFieldErrors = {};
  for (const { path, ...issue } of createApiKeyRequestSchema.safeParse(values).error?.issues ?? []) {
    const name = fieldOfPath(path);
    const value = path.reduce<unknown>((parent, part) => (parent as Record<PropertyKey, unknown> | null)?.[part], values);
    if (name) errors[name] ??= issueMessage(name, issue, value);
  }
  if (values.expires_at !== null && Date.parse(values.expires_at) <= now) errors.expires_at ??= 'Must be in the future';
  return Object.keys(errors).length > 0 ? { errors } : { request: values };
}

/** Returns only what differs, so that a change of the name does not need the rights that a change of the limits needs. */
export function changesOf(before: KeyFields, after: KeyFields, request: CreateApiKeyRequestInput): UpdateApiKeyRequest {
  const isChanged = (name: keyof KeyFields) => String(before[name]) !== String(after[name]);
  const limits = numbersOf(after, LIMIT_FIELDS.filter(isChanged));
  const budget = numbersOf(after, BUDGET_FIELDS.filter(isChanged));
  return {
    ...(isChanged('name') && { name: request.name }),
    ...(isChanged('role') && { role: after.role }),
    ...(isChanged('expires_at') && { expires_at: request.expires_at ?? null }),
    ...(isChanged('models') && { models: request.models ?? null }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Object.keys(budget).length > 0 && { budget }),
  };
}

/** The messages of the API for the fields of the form. */
export function errorsOf(error: AppError): KeyFieldErrors {
  const errors: KeyFieldErrors = {};
  for (const { path, message } of error.details ?? []) {
    const name = fieldOfPath(path.split(/[.[\]]+/).filter(Boolean));
    if (name) errors[name] ??= message;
  }
  return errors;
}

const SECTIONS: ReadonlySet<PropertyKey | undefined> = new Set(['limits', 'budget']);
const FIELD_NAMES: ReadonlySet<PropertyKey | undefined> = new Set(Object.keys(fieldsOf(null, '')));

function fieldOfPath([first, second]: readonly PropertyKey[]): keyof KeyFields | undefined {
  const name = SECTIONS.has(first) ? second : first;
  return FIELD_NAMES.has(name) ? (name as keyof KeyFields) : undefined;
}

function numbersOf<Name extends NumberFieldName>(fields: KeyFields, names: readonly Name[]): Record<Name, number | null> {
  return Object.fromEntries(names.map((name) => [name, parseOptionalNumber(fields[name]) ?? null])) as Record<
    Name,
    number | null
  >;
}

function issueMessage(name: keyof KeyFields, issue: Parameters<typeof fieldMessage>[0], value: unknown): string {
  if (name === 'models') return 'Select at least one model';
  // The schema explains its own pattern for names.
  return issue.code === 'invalid_format' ? issue.message : fieldMessage(issue, value);
}

function isoTimeOf(localTime: string): string | null {
  if (localTime === '') return null;
  const time = new Date(localTime);
  return Number.isNaN(time.getTime()) ? localTime : time.toISOString();
}

/** The value of a `datetime-local` input: the time in the time zone of the browser. */
function localMinute(isoTime: string): string {
  const time = new Date(isoTime);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const OVERLAPS = [
  { seconds: 0, label: 'No overlap' },
  { seconds: 3_600, label: '1 hour' },
  { seconds: 86_400, label: '1 day' },
  { seconds: 604_800, label: '7 days' },
  { seconds: API_KEY_LIMITS.overlapSecondsMax, label: '30 days' },
] as const;
