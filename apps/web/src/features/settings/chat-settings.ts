import { GENERATION_LIMITS, type GenerateRequestInput, generateRequestSchema, type ModelList } from '@prodigon/contracts';
import type { z } from 'zod';
import { findModel } from '../models/find-model.ts';

/** What goes with every question of the chat: fields of a request, under the rules that the API has for them. */
export const chatSettingsSchema = generateRequestSchema.pick({
  model: true,
  max_tokens: true,
  temperature: true,
  system_prompt: true,
});
export type ChatSettings = z.infer<typeof chatSettingsSchema>;

/** Longer answers stop and can be continued. Providers count the limit against a minute's quota, so not the most there is. */
export const DEFAULT_SETTINGS: ChatSettings = { max_tokens: 4_096, temperature: GENERATION_LIMITS.temperatureDefault };

/** The settings as a request to a model takes them: null is the default one, and no model is asked for more than it can. */
export function requestFieldsOf(
  settings: ChatSettings,
  model: string | null,
  list: ModelList | null,
): Omit<GenerateRequestInput, 'prompt' | 'messages'> {
  const named = model ?? settings.model ?? null;
  const outputMax = findModel(list, named)?.output_tokens_max ?? settings.max_tokens;
  return {
    ...settings,
    max_tokens: Math.min(settings.max_tokens, outputMax),
    ...(named !== null && { model: named }),
  };
}
