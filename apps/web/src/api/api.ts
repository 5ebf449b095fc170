import { type ApiClientOptions, createCoreApi, createHttpClient } from '@prodigon/api-client';
import { create } from 'zustand';
import { reportLimit, useMetLimit } from './met-limit.ts';

/** Key in the session storage, which the browser deletes when the tab is closed. */
const STORAGE_KEY = 'prodigon.api-key';

interface ApiKeyState {
  /** The gateway returned 401. */
  isKeyRequired: boolean;
  /** Counts the keys that the user entered. Subscribers repeat rejected requests when it changes. */
  keyVersion: number;
  requireKey: () => void;
  saveKey: (apiKey: string) => void;
  dismiss: () => void;
}

export const useApiKey = create<ApiKeyState>()((set, get) => ({
  isKeyRequired: false,
  keyVersion: 0,
  requireKey: () => set({ isKeyRequired: true }),
  saveKey(apiKey) {
    sessionStorage.setItem(STORAGE_KEY, apiKey);
    // The limits of the previous key do not concern this one.
    useMetLimit.getState().dismiss();
    set({ isKeyRequired: false, keyVersion: get().keyVersion + 1 });
  },
  dismiss: () => set({ isKeyRequired: false }),
}));

export function storedApiKey(): string | undefined {
  return sessionStorage.getItem(STORAGE_KEY) ?? undefined;
}

/** Requests go to the gateway that serves this web UI. A 401 response opens the API key dialog, a 429 response may show a limit. */
export const clientOptions: ApiClientOptions = {
  baseUrl: '',
  apiKey: storedApiKey,
  async fetch(input, init) {
    const { keyVersion } = useApiKey.getState();
    const response = await fetch(input, init);
    // A late response to a request without the key that the user has just entered does not ask again.
    if (response.status === 401 && useApiKey.getState().keyVersion === keyVersion) useApiKey.getState().requireKey();
    if (response.status === 429) void reportLimit(response.clone());
    return response;
  },
};

export const api = createCoreApi(createHttpClient(clientOptions));
