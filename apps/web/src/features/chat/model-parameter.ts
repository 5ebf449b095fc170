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

/** The selected model string, which is part of the URL; null for the default model. */
export function useModel(): [string | null, (model: string | null) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  return [modelFromSearch(search), (model) => navigate(chatPath(model), { replace: true })];
}
