import { GENERATION_LIMITS, type GenerateRequestInput, generateRequestSchema, type ModelList } from '@prodigon/contracts';
import type { z } from 'zod';
import { create } from 'zustand';
import { findModel } from '../models/model-labels.ts';

/** The settings of every chat request, validated by the schema of the API. */
export const chatSettingsSchema = generateRequestSchema.pick({
  model: true,
  max_tokens: true,
  temperature: true,
  system_prompt: true,
});
export type ChatSettings = z.infer<typeof chatSettingsSchema>;

/**
 * `max_tokens` is below its maximum, because providers count it against their quota per minute. Users can
 * continue a response that reaches it.
 */
export const DEFAULT_SETTINGS: ChatSettings = { max_tokens: 4_096, temperature: GENERATION_LIMITS.temperatureDefault };

/**
 * Returns the settings as request fields for a model, or for the default model if null. `max_tokens` never exceeds the
 * output limit of the model.
 */
export function requestFields(
  settings: ChatSettings,
  model: string | null,
  list: ModelList | null,
): Omit<GenerateRequestInput, 'prompt' | 'messages'> {
  const requested = model ?? settings.model ?? null;
  const outputMax = findModel(list, requested)?.output_tokens_max ?? settings.max_tokens;
  return {
    ...settings,
    max_tokens: Math.min(settings.max_tokens, outputMax),
    ...(requested !== null && { model: requested }),
  };
}

const STORAGE_KEY = 'prodigon.chat-settings';

interface ChatSettingsState {
  settings: ChatSettings;
  /** Applies valid settings and saves them in this browser, unless its storage is blocked. */
  save: (settings: ChatSettings) => void;
  /** Reads the settings that another tab has saved. */
  reload: () => void;
}

/** Creates the store of the chat settings. Saved settings that the API no longer accepts are ignored. */
export function createChatSettingsStore(storage: Pick<Storage, 'getItem' | 'setItem'>) {
  return create<ChatSettingsState>()((set) => ({
    settings: restore(storage),
    save(settings) {
      try {
        storage.setItem(STORAGE_KEY, JSON.stringify(settings));
      } catch {
        // Storage is blocked: the settings last until the next reload.
      }
      set({ settings });
    },
    reload: () => set({ settings: restore(storage) }),
  }));
}

function restore(storage: Pick<Storage, 'getItem'>): ChatSettings {
  try {
    const saved = JSON.parse(storage.getItem(STORAGE_KEY) ?? '{}');
    return chatSettingsSchema.catch(DEFAULT_SETTINGS).parse({ ...DEFAULT_SETTINGS, ...saved });
  } catch {
    return DEFAULT_SETTINGS;
  }
}
