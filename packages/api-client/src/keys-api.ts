import {
  type ApiKey,
  type ApiKeyList,
  apiKeyListSchema,
  apiKeySchema,
  type Caller,
  type CreateApiKeyRequestInput,
  type CreatedApiKey,
  callerSchema,
  createdApiKeySchema,
  type UpdateApiKeyRequest,
} from '@prodigon/contracts';
import type { CallInit, HttpClient } from './http-client.ts';

export { createHttpClient } from './http-client.ts';

/** API keys: those of the own owner, or all for admins. */
export interface KeysApi {
  /** Newest first, including revoked keys. */
  list(signal?: AbortSignal): Promise<ApiKeyList>;
  get(id: string, signal?: AbortSignal): Promise<ApiKey>;
  /** Returns the key with its value, which no later call returns. */
  create(request: CreateApiKeyRequestInput, signal?: AbortSignal): Promise<CreatedApiKey>;
  update(id: string, changes: UpdateApiKeyRequest, signal?: AbortSignal): Promise<ApiKey>;
  revoke(id: string, signal?: AbortSignal): Promise<ApiKey>;
  /** Undoes a revocation of the last ten minutes. */
  restore(id: string, signal?: AbortSignal): Promise<ApiKey>;
  /** Replaces the value. The previous one remains valid for `overlapSeconds`. */
  rotate(id: string, overlapSeconds?: number, signal?: AbortSignal): Promise<CreatedApiKey>;
}

export function createKeysApi(http: HttpClient): KeysApi {
  const update: KeysApi['update'] = (id, changes, signal) => http.json(pathOf(id), apiKeySchema, send('PATCH', changes, signal));
  return {
    list: (signal) => http.json('/api/v1/keys', apiKeyListSchema, { signal }),
    get: (id, signal) => http.json(pathOf(id), apiKeySchema, { signal }),
    create: (request, signal) => http.json('/api/v1/keys', createdApiKeySchema, send('POST', request, signal)),
    update,
    revoke: (id, signal) => http.json(pathOf(id), apiKeySchema, { method: 'DELETE', signal }),
    restore: (id, signal) => update(id, { revoked: false }, signal),
    rotate: (id, overlapSeconds, signal) =>
      http.json(`${pathOf(id)}/rotate`, createdApiKeySchema, send('POST', { overlap_seconds: overlapSeconds }, signal)),
  };
}

/** Returns the owner and the key of the client. */
export function fetchCaller(http: HttpClient, signal?: AbortSignal): Promise<Caller> {
  return http.json('/api/v1/me', callerSchema, { signal });
}

const pathOf = (id: string) => `/api/v1/keys/${encodeURIComponent(id)}`;

const send = (method: 'POST' | 'PATCH', body: unknown, signal: AbortSignal | undefined): CallInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
  signal,
});
