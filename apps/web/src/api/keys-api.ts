import { createHttpClient, createKeysApi, fetchCaller } from '@prodigon/api-client/keys';
import { queryOptions } from '@tanstack/react-query';
import { clientOptions } from './api.ts';
import { queryFn } from './query-client.ts';

const http = createHttpClient(clientOptions);

/** The client for API keys. Only the pages that show keys import its schemas. */
export const keysApi = createKeysApi(http);

/** The owner and the key of this browser tab. */
export const callerQuery = queryOptions({ queryKey: ['me'], queryFn: queryFn((signal) => fetchCaller(http, signal)) });

export const keysQuery = queryOptions({ queryKey: ['keys'], queryFn: queryFn((signal) => keysApi.list(signal)) });
