import { AppError, type ContentEntry } from '@prodigon/contracts';
import { create } from 'zustand';
import { api } from '../../api/api.ts';

export type Loaded<Value> =
  | { state: 'loading' }
  | { state: 'ready'; value: Value }
  | { state: 'missing' }
  | { state: 'failed'; message: string };

/** Documents are small and few; this bounds what a long visit keeps of them. */
const DOCUMENTS_KEPT = 50;

interface ContentStore {
  tree: Loaded<readonly ContentEntry[]>;
  documents: ReadonlyMap<string, Loaded<string>>;
  loadTree: () => Promise<void>;
  loadDocument: (path: string) => Promise<void>;
}

/** The repository's documents, each fetched once; loading one again replaces what is there only when it has arrived. */
export const useContent = create<ContentStore>()((set, get) => ({
  tree: { state: 'loading' },
  documents: new Map(),
  async loadTree() {
    if (get().tree.state === 'ready') return;
    set({ tree: { state: 'loading' } });
    set({ tree: await settle(api.contentTree().then(({ entries }) => entries)) });
  },
  async loadDocument(path) {
    if (get().documents.get(path)?.state === 'ready') return;
    const keep = (document: Loaded<string>) => {
      const others = [...get().documents].filter(([name]) => name !== path).slice(1 - DOCUMENTS_KEPT);
      set({ documents: new Map([...others, [path, document]]) });
    };
    keep({ state: 'loading' });
    keep(await settle(api.content(path).then(({ content }) => content)));
  },
}));

async function settle<Value>(loading: Promise<Value>): Promise<Loaded<Value>> {
  try {
    return { state: 'ready', value: await loading };
  } catch (thrown) {
    const error = AppError.from(thrown);
    if (error.code === 'NOT_FOUND' || error.code === 'INVALID_PATH') return { state: 'missing' };
    return { state: 'failed', message: error.message };
  }
}
