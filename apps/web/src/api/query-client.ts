import { AppError } from '@prodigon/contracts';
import { keepPreviousData, QueryClient, useQuery } from '@tanstack/react-query';
import { useApiKey } from './api.ts';

const RESPONSE_TIMEOUT_MS = 15_000;

/**
 * Queries refetch when the tab becomes visible or the network returns, and pause while the tab is hidden.
 * `networkMode: 'always'`, because a gateway on this machine responds without a network.
 */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: false, networkMode: 'always', refetchOnReconnect: true } },
});

useApiKey.subscribe(({ keyVersion }, before) => {
  if (keyVersion !== before.keyVersion) void queryClient.invalidateQueries();
});

/** Changes cached data after an event. A response that is still on its way may be older than the event, so it is dropped. */
export function changeQueryData<Value>(queryKey: readonly unknown[], change: (before: Value) => Value): void {
  const before = queryClient.getQueryData<Value>(queryKey);
  if (before === undefined) return;
  void queryClient.cancelQueries({ queryKey, exact: true });
  queryClient.setQueryData(queryKey, change(before));
}

/** Wraps a request as a query function that times out and rejects with an `AppError` only. */
export function queryFn<Value>(load: (signal: AbortSignal) => Promise<Value>) {
  return async ({ signal }: { signal: AbortSignal }): Promise<Value> => {
    try {
      return await load(AbortSignal.any([signal, AbortSignal.timeout(RESPONSE_TIMEOUT_MS)]));
    } catch (thrown) {
      throw toAppError(thrown, RESPONSE_TIMEOUT_MS);
    }
  };
}

/** Converts any thrown value to an `AppError`; a timeout becomes `DEADLINE_EXCEEDED`. */
export function toAppError(thrown: unknown, timeoutMs: number): AppError {
  const isTimeout = thrown instanceof DOMException && thrown.name === 'TimeoutError';
  if (!isTimeout) return AppError.from(thrown);
  return new AppError('DEADLINE_EXCEEDED', `The gateway did not respond within ${timeoutMs / 1_000} seconds.`);
}

export interface PolledQuery<Value> {
  /** The latest response, however old; null before the first. */
  value: Value | null;
  receivedAt: number | null;
  /** True while `value` belongs to a previous key, for example the previous page of a list. */
  isOutdated: boolean;
  /** Why the latest request failed; null if it succeeded. */
  failure: AppError | null;
  reload: () => void;
}

/** Polls while the tab is visible. `intervalMs` receives the latest response, or null before the first; false does not poll. */
export function usePolledQuery<Value>(
  key: readonly unknown[],
  load: (signal: AbortSignal) => Promise<Value>,
  intervalMs: (value: Value | null) => number | false,
): PolledQuery<Value> {
  const { data, dataUpdatedAt, isPlaceholderData, error, refetch } = useQuery<Value, AppError>({
    queryKey: key,
    queryFn: queryFn(load),
    refetchInterval: ({ state }) => intervalMs(state.status === 'error' ? null : (state.data ?? null)),
    placeholderData: keepPreviousData,
  });
  return {
    value: data ?? null,
    receivedAt: dataUpdatedAt || null,
    isOutdated: isPlaceholderData,
    failure: error,
    reload: () => void refetch(),
  };
}
