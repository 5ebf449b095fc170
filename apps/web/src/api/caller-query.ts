import { queryOptions } from '@tanstack/react-query';
import { api } from './api.ts';
import { queryFn } from './query-client.ts';

/** The owner and the key of this browser tab. */
export const callerQuery = queryOptions({ queryKey: ['me'], queryFn: queryFn((signal) => api.me(signal)) });
