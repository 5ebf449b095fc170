import { type GenerateRequestInput, generateRequestSchema, type ModelList } from '@prodigon/contracts';
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

/** The model's defaults apply. */
export const DEFAULT_SETTINGS: ChatSettings = {};

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
  const { max_tokens, ...others } = settings;
  const outputMax = findModel(list, requested)?.output_tokens_max ?? Number.POSITIVE_INFINITY;
  return {
    ...others,
    ...(max_tokens !== undefined && { max_tokens: Math.min(max_tokens, outputMax) }),
    ...(requested !== null && { model: requested }),
  };
}

const STORAGE_KEY = 'prodigon.chat-settings.2';
/** The settings of versions up to 0.2, which saved their defaults too. */
const OLD_STORAGE_KEY = 'prodigon.chat-settings';
const OLD_DEFAULTS = { max_tokens: [1_024, 4_096], temperature: [0.7] };

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
    const saved = storage.getItem(STORAGE_KEY);
    return chatSettingsSchema
      .catch(DEFAULT_SETTINGS)
      .parse(saved === null ? withoutOldDefaults(JSON.parse(storage.getItem(OLD_STORAGE_KEY) ?? '{}')) : JSON.parse(saved));
  } catch {
    return DEFAULT_SETTINGS;
  }
}

/** Removes the defaults that an earlier version saved although the user did not choose them. */
function withoutOldDefaults(saved: Record<string, unknown>): Record<string, unknown> {
  const isChosen = ([name, value]: [string, unknown]) =>
    !(name in OLD_DEFAULTS && OLD_DEFAULTS[name as keyof typeof OLD_DEFAULTS].includes(value as number));
  return Object.fromEntries(Object.entries(saved).filter(isChosen));
}
