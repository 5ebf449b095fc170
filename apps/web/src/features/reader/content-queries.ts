import type { AppError } from '@prodigon/contracts';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { queryFn } from '../../api/query-client.ts';

export type Loaded<Value> =
  | { state: 'loading' }
  | { state: 'ready'; value: Value }
  | { state: 'missing' }
  | { state: 'failed'; message: string };

/** Documents change only with a new version of the platform. */
const STATIC = { staleTime: Number.POSITIVE_INFINITY };

export function useContentTree() {
  const query = useQuery({
    ...STATIC,
    queryKey: ['content'],
    queryFn: queryFn(async (signal) => (await api.contentTree(signal)).entries),
  });
  return { tree: toLoaded(query), retry: () => void query.refetch() };
}

export function useContentDocument(path: string) {
  const query = useQuery({
    ...STATIC,
    queryKey: ['content', path],
    queryFn: queryFn(async (signal) => (await api.content(path, signal)).content),
  });
  return { document: toLoaded(query), retry: () => void query.refetch() };
}

/** A file of the repository's code, or the contents of a folder. */
export function useSource(path: string) {
  const query = useQuery({ ...STATIC, queryKey: ['source', path], queryFn: queryFn((signal) => api.source(path, signal)) });
  return { source: toLoaded(query), retry: () => void query.refetch() };
}

function toLoaded<Value>({ data, error, isFetching }: UseQueryResult<Value>): Loaded<Value> {
  if (data !== undefined) return { state: 'ready', value: data };
  if (error === null || isFetching) return { state: 'loading' };
  const { code, message } = error as AppError;
  return code === 'NOT_FOUND' || code === 'INVALID_PATH' ? { state: 'missing' } : { state: 'failed', message };
}
