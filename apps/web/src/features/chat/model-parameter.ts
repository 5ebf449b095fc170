import { useEffect } from 'react';
import { useLocation, useSearch } from 'wouter';

/**
 * Returns the model string of `/chat?model=…`, or null. A simulated model has its own parameters
 * (`prodigon-sim?ttft_ms=0&tokens=200`). When a user types them unencoded, `&` splits them off, so all
 * further parameters are joined to the model string. The page has no other parameter.
 */
export function modelFromSearch(search: string): string | null {
  const parameters = new URLSearchParams(search);
  const model = parameters.get('model');
  if (!model) return null;
  parameters.delete('model');
  const rest = parameters.toString();
  return rest && model.includes('?') ? `${model}&${rest}` : model;
}

export function chatPath(model: string | null): string {
  return model === null ? '/chat' : `/chat?${new URLSearchParams({ model })}`;
}

const STORAGE_KEY = 'prodigon.model';

/**
 * Returns the model string for a visit of the chat: the one in the URL, or else the one of this tab's last visit, because
 * links from other pages name none.
 */
export function modelOfVisit(search: string, storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): string | null {
  const model = modelFromSearch(search) ?? storage.getItem(STORAGE_KEY);
  rememberModel(model, storage);
  return model;
}

function rememberModel(model: string | null, storage: Pick<Storage, 'setItem' | 'removeItem'>): void {
  if (model === null) storage.removeItem(STORAGE_KEY);
  else storage.setItem(STORAGE_KEY, model);
}

/** Restores the model of the last visit in the URL of a new chat. */
export function useModelOfLastVisit(isNew: boolean): void {
  const search = useSearch();
  const [, navigate] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the chat opens. Later, the user may choose the default.
  useEffect(() => {
    if (!isNew) return;
    const model = modelOfVisit(search, sessionStorage);
    if (model !== modelFromSearch(search)) navigate(chatPath(model), { replace: true });
  }, [isNew]);
}

/** The selected model string, which is part of the URL; null for the default model. */
export function useModel(): [string | null, (model: string | null) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const select = (model: string | null) => {
    rememberModel(model, sessionStorage);
    navigate(chatPath(model), { replace: true });
  };
  return [modelFromSearch(search), select];
}
