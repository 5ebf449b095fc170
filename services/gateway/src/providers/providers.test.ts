import { AppError, type ProviderState } from '@prodigon/contracts';
import type { ProviderSettingsClient } from '@prodigon/ports';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeAfterAll, type GatewayOptions, type Platform, startPlatform } from '../gateway-harness.test-support.ts';

const KEY = 'key-of-this-test-0123';
const STATE: ProviderState = {
  name: 'acme',
  source: 'stored',
  has_key: true,
  key_variable: 'ACME_API_KEY',
  base_url_variable: 'ACME_BASE_URL',
  base_url: 'http://intranet.example/v1',
};

const saved: unknown[] = [];
let failure: AppError | undefined;
const providerSettings: ProviderSettingsClient = {
  list: async () => [STATE],
  async save(name, settings) {
    if (failure) throw failure;
    saved.push([name, settings]);
  },
  remove: async (name) => void saved.push([name, null]),
  reload: async () => {},
};
const onClose = closeAfterAll();
let shared: Platform;

const start = (options: GatewayOptions = {}) =>
  startPlatform({ topology: 'in one process', providers: [], providerSettings, ...options }, onClose);

beforeAll(async () => {
  shared = await start();
});
beforeEach(() => {
  saved.length = 0;
  failure = undefined;
});

const createCall =
  ({ url }: Pick<Platform, 'url'>) =>
  (method: string, body?: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1/providers${method === 'GET' ? '' : '/acme'}`, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });

it('lists, saves and removes the settings of providers', async () => {
  const call = createCall(shared);
  expect(await (await call('GET')).json()).toEqual({ providers: [STATE], locked: null });
  const put = await call('PUT', { api_key: ` ${KEY}\n`, base_url: 'http://127.0.0.1:1/v1' });
  expect([put.status, await put.json()]).toEqual([200, { providers: [STATE], locked: null }]);
  expect((await call('DELETE')).status).toBe(200);
  expect(saved).toEqual([
    ['acme', { api_key: KEY, base_url: 'http://127.0.0.1:1/v1' }],
    ['acme', null],
  ]);
});

describe('a client that may not change the settings', () => {
  it.each([
    ['of a platform that other machines can reach', 'Locked.', {}],
    ['behind a proxy', undefined, { 'x-forwarded-for': '127.0.0.1' }],
    ['of another page of this machine', undefined, { origin: 'http://localhost:5173' }],
  ])('%s gets 403 and sees no addresses', async (_case, providersLocked, headers) => {
    const call = createCall(providersLocked ? await start({ providersLocked }) : shared);
    const { providers, locked } = await (await call('GET', undefined, headers as Record<string, string>)).json();
    expect([providers[0].base_url, typeof locked]).toEqual([null, 'string']);
    for (const method of ['PUT', 'DELETE']) {
      const response = await call(method, method === 'PUT' ? { api_key: KEY } : undefined, headers as Record<string, string>);
      expect([response.status, (await response.json()).error.message]).toEqual([403, locked]);
    }
    expect(saved).toEqual([]);
  });

  it('needs the API key of an admin where clients need one', async () => {
    const call = createCall(await start({ apiKeys: ['ada=key-of-ada-0123456789', 'grace:admin=key-of-grace-0123456789'] }));
    const as = (name: string) => ({ authorization: `Bearer key-of-${name}-0123456789` });
    expect((await call('PUT', { api_key: KEY })).status).toBe(401);
    for (const [method, body] of [['PUT', { api_key: KEY }], ['DELETE']] as const)
      expect((await call(method, body, as('ada'))).status).toBe(403);
    expect((await (await call('GET', undefined, as('ada'))).json()).locked).toBe('Only admins may change provider settings.');
    expect((await call('PUT', { api_key: KEY }, as('grace'))).status).toBe(200);
    expect(saved).toHaveLength(1);
  });
});

describe('an address', () => {
  it.each([
    ['with a line end', 'http://127.0.0.1:1\n/v1'],
    ['with a fragment', 'http://127.0.0.1:1/#v1'],
    ['of the platform itself', '/v1'],
    ['of the platform itself under another name', 'localhost'],
  ])('%s is rejected', async (_case, address) => {
    const own = address === 'localhost' ? shared.url.replace('127.0.0.1', address) : shared.url + address;
    const response = await createCall(shared)('PUT', { base_url: address.startsWith('http') ? address : own });
    expect([response.status, (await response.json()).error.details]).toEqual([
      422,
      [{ path: 'base_url', message: expect.any(String) }],
    ]);
    expect(saved).toEqual([]);
  });
});

describe('the key', () => {
  it.each([
    ['refused by its provider', { api_key: KEY }, 502],
    ['with an invalid character', { api_key: `${KEY} ${KEY}` }, 422],
    ['in an unknown field', { api_kee: KEY }, 422],
    ['in an address', { base_url: `https://user:${KEY}@acme.example` }, 422],
  ])('%s is in no response and no log', async (_case, body, status) => {
    failure = new AppError('PROVIDER_KEY_REFUSED', 'acme refused the key, so it was not stored.');
    const response = await createCall(shared)('PUT', body);
    expect(response.status).toBe(status);
    expect((await response.text()) + shared.log()).not.toContain(KEY);
  });
});
