import { create } from 'zustand';

/** Kept for this tab only: it is gone when the tab is closed. */
const STORAGE_KEY = 'prodigon.api-key';

interface AccessState {
  /** The gateway refused a call for want of a key. */
  isKeyNeeded: boolean;
  /** Counts the keys that were given, so that what was refused can be asked again. */
  attempt: number;
  reportRefusal: () => void;
  acceptKey: (apiKey: string) => void;
  dismiss: () => void;
}

export const useAccess = create<AccessState>()((set, get) => ({
  isKeyNeeded: false,
  attempt: 0,
  reportRefusal: () => set({ isKeyNeeded: true }),
  acceptKey(apiKey) {
    sessionStorage.setItem(STORAGE_KEY, apiKey);
    set({ isKeyNeeded: false, attempt: get().attempt + 1 });
  },
  dismiss: () => set({ isKeyNeeded: false }),
}));

export function storedApiKey(): string | undefined {
  return sessionStorage.getItem(STORAGE_KEY) ?? undefined;
}
