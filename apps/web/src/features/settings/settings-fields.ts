import { formatCount } from '../../design/format.ts';
import type { ApiLimits } from './api-limits.ts';
import { type ChatSettings, chatSettingsSchema } from './chat-settings.ts';

/** The fields as they were typed. */
export interface SettingsFields {
  /** '' for the platform's default. */
  model: string;
  max_tokens: string;
  temperature: string;
  system_prompt: string;
}
export type SettingsErrors = Partial<Record<keyof SettingsFields, string | undefined>>;

export function fieldsOf({ model = '', max_tokens, temperature, system_prompt = '' }: ChatSettings): SettingsFields {
  return { model, max_tokens: String(max_tokens), temperature: String(temperature), system_prompt };
}

/** The settings, or what is wrong with each field: by the schema of the API, then by the limits that it names now. */
export function readFields(fields: SettingsFields, limits: ApiLimits): { settings: ChatSettings } | { errors: SettingsErrors } {
  const parsed = chatSettingsSchema.safeParse({
    ...(fields.model.trim() && { model: fields.model.trim() }),
    ...(fields.system_prompt.trim() && { system_prompt: fields.system_prompt }),
    max_tokens: numberOf(fields.max_tokens),
    temperature: numberOf(fields.temperature),
  });
  const errors: SettingsErrors = {};
  for (const { path, message } of parsed.error?.issues ?? []) errors[path[0] as keyof SettingsFields] ??= message;
  errors.max_tokens ??= rangeError(fields.max_tokens, limits.max_tokens);
  errors.temperature ??= rangeError(fields.temperature, limits.temperature);
  const isFine = Object.values(errors).every((error) => error === undefined);
  return parsed.success && isFine ? { settings: parsed.data } : { errors };
}

function rangeError(text: string, { minimum, maximum }: ApiLimits['max_tokens']): string | undefined {
  const number = numberOf(text);
  if (number < minimum) return `At least ${formatCount(minimum)}`;
  return number > maximum ? `At most ${formatCount(maximum)}` : undefined;
}

/** `Number('')` would be 0. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
