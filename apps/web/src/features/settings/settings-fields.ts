import { fieldMessage } from '../../design/field-message.ts';
import { formatCount } from '../../design/format.ts';
import { parseOptionalNumber } from '../../design/optional-number.ts';
import type { ApiLimits } from './api-limits.ts';
import { type ChatSettings, chatSettingsSchema } from './chat-settings.ts';

/** The form fields as typed. */
export interface SettingsFields {
  /** Empty for the platform's default model. */
  model: string;
  max_tokens: string;
  temperature: string;
  system_prompt: string;
}
export type SettingsErrors = Partial<Record<keyof SettingsFields, string | undefined>>;

export function settingsToFields({ model = '', max_tokens, temperature, system_prompt = '' }: ChatSettings): SettingsFields {
  return { model, max_tokens: String(max_tokens ?? ''), temperature: String(temperature ?? ''), system_prompt };
}

/** Validates the fields by the schema of the API and by its current limits. Returns the settings or the errors by field. */
export function parseFields(fields: SettingsFields, limits: ApiLimits): { settings: ChatSettings } | { errors: SettingsErrors } {
  const values = {
    ...(fields.model.trim() && { model: fields.model.trim() }),
    ...(fields.system_prompt.trim() && { system_prompt: fields.system_prompt }),
    max_tokens: parseOptionalNumber(fields.max_tokens),
    temperature: parseOptionalNumber(fields.temperature),
  };
  const parsed = chatSettingsSchema.safeParse(values);
  const errors: SettingsErrors = {};
  for (const issue of parsed.error?.issues ?? []) {
    const name = issue.path[0] as keyof SettingsFields;
    errors[name] ??= fieldMessage(issue, values[name]);
  }
  errors.max_tokens ??= rangeError(fields.max_tokens, limits.max_tokens);
  errors.temperature ??= rangeError(fields.temperature, limits.temperature);
  const isValid = Object.values(errors).every((error) => error === undefined);
  return parsed.success && isValid ? { settings: parsed.data } : { errors };
}

function rangeError(text: string, { minimum, maximum }: ApiLimits['max_tokens']): string | undefined {
  const number = parseOptionalNumber(text);
  if (number === undefined) return undefined;
  if (number < minimum) return `At least ${formatCount(minimum)}`;
  return number > maximum ? `At most ${formatCount(maximum)}` : undefined;
}
