import { createApiClient } from '@prodigon/api-client';
import { storedApiKey, useAccess } from './access-store.ts';

/** The gateway of this page's own origin. A refusal for want of a key asks for one, whichever call met it. */
export const api = createApiClient({
  baseUrl: '',
  apiKey: storedApiKey,
  async fetch(input, init) {
    const response = await fetch(input, init);
    if (response.status === 401) useAccess.getState().reportRefusal();
    return response;
  },
});
