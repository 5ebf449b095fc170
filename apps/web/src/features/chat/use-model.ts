import { useLocation, useSearch } from 'wouter';
import { chatPath, modelOf } from './model-parameter.ts';

/** The chosen model string, which lives in the URL; null for the platform's default. */
export function useModel(): [string | null, (model: string | null) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  return [modelOf(search), (model) => navigate(chatPath(model), { replace: true })];
}
