import { useEffect } from 'react';
import { useAccess } from '../../api/access-store.ts';
import { type Loaded, useContent } from './content-store.ts';

const LOADING: Loaded<never> = { state: 'loading' };

export function useContentTree() {
  const attempt = useAccess((state) => state.attempt);
  const { tree, loadTree } = useContent();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new API key is a reason to ask again.
  useEffect(() => void loadTree(), [loadTree, attempt]);
  return { tree, retry: loadTree };
}

export function useContentDocument(path: string) {
  const attempt = useAccess((state) => state.attempt);
  const document = useContent((state) => state.documents.get(path)) ?? LOADING;
  const { loadDocument } = useContent.getState();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new API key is a reason to ask again.
  useEffect(() => void loadDocument(path), [path, loadDocument, attempt]);
  return { document, retry: () => loadDocument(path) };
}
