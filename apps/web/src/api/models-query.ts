import { AppError, type ModelList } from '@prodigon/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { queryClient, queryFn } from './query-client.ts';

const POLL_INTERVAL_MS = 2_000;

const modelsQuery = queryOptions({ queryKey: ['models'], queryFn: queryFn((signal) => api.models(signal)) });

export interface ModelsResult {
  list: ModelList | null;
  /** Why the latest request failed, as a message for the user. The list of an earlier response stays. */
  failure: string | null;
}

/** Fetches the available models on mount, then polls them while `isPolled` returns true. */
export function useModels(isPolled: (list: ModelList | null) => boolean = () => false): ModelsResult {
  const { data, error } = useQuery({
    ...modelsQuery,
    refetchInterval: ({ state }) => isPolled(state.data ?? null) && POLL_INTERVAL_MS,
  });
  return { list: data ?? null, failure: error && AppError.from(error).message };
}

/** Returns the models of the latest response without a request; null before the first response. */
export function cachedModels(): ModelList | null {
  return queryClient.getQueryData(modelsQuery.queryKey) ?? null;
}

/** Like `cachedModels`, but renders the component again when the models change. */
export function useCachedModels(): ModelList | null {
  return useQuery({ ...modelsQuery, enabled: false }).data ?? null;
}

export function refetchModels(): void {
  void queryClient.invalidateQueries(modelsQuery);
}
