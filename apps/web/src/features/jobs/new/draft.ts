import { GENERATION_LIMITS, JOB_LIMITS, type Job, type JobOptionsInput, jobOptionsSchema } from '@prodigon/contracts';
import type { PasteFormat } from './source.ts';

/** The fields as they were typed. */
export interface OptionFields {
  name: string;
  /** '' for the default model. */
  model: string;
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
  max_tokens: String(GENERATION_LIMITS.maxTokensDefault),
  temperature: String(GENERATION_LIMITS.temperatureDefault),
  system_prompt: '',
  priority: '0',
  expires_in_hours: String(JOB_LIMITS.expiresInHoursDefault),
};
export const EMPTY_DRAFT: Draft = { text: '', pasteFormat: 'auto', fields: EMPTY_FIELDS };

export type FieldErrors = Partial<Record<keyof OptionFields, string>>;

/** The options as the API takes them, or what is wrong with each field. One schema for both sides. */
export function readFields(fields: OptionFields): { options: JobOptionsInput } | { errors: FieldErrors } {
  const { max_tokens, temperature, priority, expires_in_hours } = fields;
  const parsed = jobOptionsSchema.safeParse({
    ...(fields.name.trim() && { name: fields.name }),
    ...(fields.model.trim() && { model: fields.model.trim() }),
    ...(fields.system_prompt.trim() && { system_prompt: fields.system_prompt }),
    max_tokens: numberOf(max_tokens),
    temperature: numberOf(temperature),
    priority: numberOf(priority),
    expires_in_hours: numberOf(expires_in_hours),
  });
  if (parsed.success) return { options: parsed.data };
  const errors: FieldErrors = {};
  for (const { path, message } of parsed.error.issues) errors[path[0] as keyof OptionFields] ??= message;
  return { errors };
}

/** `Number('')` would be 0. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** What a job was submitted with, as fields for another one like it. */
export function fieldsOf(job: Job): OptionFields {
  const hours = Math.round((Date.parse(job.expires_at) - Date.parse(job.created_at)) / 3_600_000);
  return {
    name: `${job.name.slice(0, JOB_LIMITS.nameCharactersMax - COPY_SUFFIX.length)}${COPY_SUFFIX}`,
    model: job.model ?? '',
    max_tokens: String(job.max_tokens),
    temperature: String(job.temperature),
    system_prompt: job.system_prompt ?? '',
    priority: String(job.priority),
    expires_in_hours: String(Math.min(JOB_LIMITS.expiresInHoursMax, Math.max(1, hours))),
  };
}

const COPY_SUFFIX = ' (copy)';
