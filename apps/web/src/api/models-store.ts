import { AppError, type ModelList } from '@prodigon/contracts';
import { useEffect } from 'react';
import { create } from 'zustand';
import { useAccess } from './access-store.ts';
import { api } from './api.ts';

interface ModelsState {
  list: ModelList | null;
  /** Why there is no list, in words. */
  failure: string | null;
  /** Asks anew. Never rejects; what is there stays when it fails, and when `signal` aborts. */
  load: (signal?: AbortSignal) => Promise<void>;
}

export const useModelsStore = create<ModelsState>()((set) => ({
  list: null,
  failure: null,
  async load(signal) {
    try {
      set({ list: await api.models(signal), failure: null });
    } catch (thrown) {
      if (!signal?.aborted) set({ failure: AppError.from(thrown).message });
    }
  },
}));

/** The models to choose from, fetched when first needed. */
export function useModels() {
  const attempt = useAccess((state) => state.attempt);
  const { list, failure, load } = useModelsStore();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new API key is a reason to ask again.
  useEffect(() => void load(), [load, attempt]);
  return { list, failure };
}
