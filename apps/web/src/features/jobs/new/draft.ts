import { cutText, JOB_LIMITS, type Job, type JobOptionsInput, jobOptionsSchema } from '@prodigon/contracts';
import { fieldMessage } from '../../../design/field-message.ts';
import { parseOptionalNumber } from '../../../design/optional-number.ts';
import type { PasteFormat } from './prompt-source.ts';

/** The form fields as typed. */
export interface OptionFields {
  name: string;
  /** Empty for the default model. */
  model: string;
  /** Empty for the model's default. */
  max_tokens: string;
  temperature: string;
  system_prompt: string;
  priority: string;
  expires_in_hours: string;
}

export interface Draft {
  text: string;
  pasteFormat: PasteFormat;
  fields: OptionFields;
}

export const EMPTY_FIELDS: OptionFields = {
  name: '',
  model: '',
  max_tokens: '',
  temperature: '',
  system_prompt: '',
  priority: '0',
  expires_in_hours: String(JOB_LIMITS.expiresInHoursDefault),
};
export const EMPTY_DRAFT: Draft = { text: '', pasteFormat: 'auto', fields: EMPTY_FIELDS };

export type FieldErrors = Partial<Record<keyof OptionFields, string>>;

/** Validates the fields by the schema of the API. Returns the job options or the errors by field. */
export function parseFields(fields: OptionFields): { options: JobOptionsInput } | { errors: FieldErrors } {
  const { max_tokens, temperature, priority, expires_in_hours } = fields;
  const values = {
    ...(fields.name.trim() && { name: fields.name }),
    ...(fields.model.trim() && { model: fields.model.trim() }),
    ...(fields.system_prompt.trim() && { system_prompt: fields.system_prompt }),
    max_tokens: parseOptionalNumber(max_tokens),
    temperature: parseOptionalNumber(temperature),
    priority: parseOptionalNumber(priority) ?? Number.NaN,
    expires_in_hours: parseOptionalNumber(expires_in_hours) ?? Number.NaN,
  };
  const parsed = jobOptionsSchema.safeParse(values);
  if (parsed.success) return { options: parsed.data };
  const errors: FieldErrors = {};
  for (const issue of parsed.error.issues) {
    const name = issue.path[0] as keyof OptionFields;
    errors[name] ??= fieldMessage(issue, values[name]);
  }
  return { errors };
}

const COPY_SUFFIX = ' (copy)';

/** The options of a job as fields for a clone. */
export function jobToFields(job: Job): OptionFields {
  const hours = Math.round((Date.parse(job.expires_at) - Date.parse(job.created_at)) / 3_600_000);
  return {
    name: `${cutText(job.name, JOB_LIMITS.nameCharactersMax - COPY_SUFFIX.length, '')}${COPY_SUFFIX}`,
    model: job.model ?? '',
    max_tokens: String(job.max_tokens ?? ''),
    temperature: String(job.temperature ?? ''),
    system_prompt: job.system_prompt ?? '',
    priority: String(job.priority),
    expires_in_hours: String(Math.min(JOB_LIMITS.expiresInHoursMax, Math.max(1, hours))),
  };
}

const STORAGE_KEY = 'prodigon.new-job.2';
/** The draft of version 0.2, whose form began with these values. */
const OLD_STORAGE_KEY = 'prodigon.new-job';
const OLD_DEFAULTS = { max_tokens: '1024', temperature: '0.7' } as const;
const SAVED_CHARACTERS_MAX = 1_000_000;

/** Returns the draft that this tab saved, or an empty one. */
export function restoreDraft(): Draft {
  try {
    const text = sessionStorage.getItem(STORAGE_KEY);
    const saved = JSON.parse(text ?? sessionStorage.getItem(OLD_STORAGE_KEY) ?? '{}') as Partial<Draft>;
    const fields = { ...EMPTY_DRAFT.fields, ...saved.fields };
    if (text === null)
      for (const name of ['max_tokens', 'temperature'] as const) if (fields[name] === OLD_DEFAULTS[name]) fields[name] = '';
    return { ...EMPTY_DRAFT, ...saved, fields };
  } catch {
    return EMPTY_DRAFT;
  }
}

/** Saves a draft for reloads of this tab. Returns false if its text is too long to save. */
export function saveDraft(draft: Draft): boolean {
  try {
    const isTooLong = draft.text.length > SAVED_CHARACTERS_MAX;
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(isTooLong ? { ...draft, text: '' } : draft));
    return !isTooLong;
  } catch {
    return false;
  }
}

export function clearDraft(): void {
  sessionStorage.removeItem(STORAGE_KEY);
  sessionStorage.removeItem(OLD_STORAGE_KEY);
}
