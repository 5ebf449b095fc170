import { create } from 'zustand';
import { type ChatSettings, chatSettingsSchema, DEFAULT_SETTINGS } from './chat-settings.ts';

const STORAGE_KEY = 'prodigon.chat-settings';

interface ChatSettingsState {
  settings: ChatSettings;
  /** Takes valid settings, and keeps them on this browser as far as it lets us. */
  save: (settings: ChatSettings) => void;
  /** Reads what another tab has kept. */
  reload: () => void;
}

/** Settings that no longer fit what the API takes count as none. */
export function createChatSettingsStore(storage: Pick<Storage, 'getItem' | 'setItem'>) {
  return create<ChatSettingsState>()((set) => ({
    settings: restore(storage),
    save(settings) {
      try {
        storage.setItem(STORAGE_KEY, JSON.stringify(settings));
      } catch {
        // Storage is blocked: they hold for this page.
      }
      set({ settings });
    },
    reload: () => set({ settings: restore(storage) }),
  }));
}

function restore(storage: Pick<Storage, 'getItem'>): ChatSettings {
  try {
    const kept = JSON.parse(storage.getItem(STORAGE_KEY) ?? '{}');
    return chatSettingsSchema.catch(DEFAULT_SETTINGS).parse({ ...DEFAULT_SETTINGS, ...kept });
  } catch {
    return DEFAULT_SETTINGS;
  }
}
