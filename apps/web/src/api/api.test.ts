import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clientOptions, useApiKey } from './api.ts';

let respond: (response: Response) => void;
const send = () => clientOptions.fetch?.('/api/v1/me', {});

beforeEach(() => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  respond = resolve;
  vi.stubGlobal('fetch', () => promise);
  vi.stubGlobal('sessionStorage', { setItem: () => {} });
});
afterEach(() => {
  vi.unstubAllGlobals();
  useApiKey.getState().dismiss();
});

it('asks for a key after a response with status 401', async () => {
  const sent = send();
  respond(new Response(null, { status: 401 }));
  await sent;
  expect(useApiKey.getState().isKeyRequired).toBe(true);
});

it('does not ask again when a request is rejected that was sent before the user entered a key', async () => {
  const sent = send();
  useApiKey.getState().saveKey('a-new-key');
  respond(new Response(null, { status: 401 }));
  await sent;
  expect(useApiKey.getState().isKeyRequired).toBe(false);
});
