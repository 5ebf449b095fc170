import { queryOptions } from '@tanstack/react-query';
import { api } from './api.ts';
import { queryFn } from './query-client.ts';

export const providersQuery = queryOptions({ queryKey: ['providers'], queryFn: queryFn((signal) => api.providers(signal)) });
