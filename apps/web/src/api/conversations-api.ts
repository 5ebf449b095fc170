import { createConversationsApi, createHttpClient } from '@prodigon/api-client/conversations';
import { clientOptions } from './api.ts';

/** The client for conversations. Only lazy parts of the web UI import its schemas. */
export const conversationsApi = createConversationsApi(createHttpClient(clientOptions));

/** The same client, whose requests the browser completes after the page is unloaded. */
export const unloadingConversationsApi = createConversationsApi(
  createHttpClient({ ...clientOptions, fetch: (input, init) => fetch(input, { ...init, keepalive: true }) }),
);
