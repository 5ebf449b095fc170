import { AppError, type ProviderSettings } from '@prodigon/contracts';
import { createLogger, type ProviderDefinition, type ProviderSettingsStore } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createProviderSettings } from './provider-settings.ts';

const KEY = 'key-of-this-test-0123';
const context = { requestId: 'r', signal: new AbortController().signal } as CallContext;
const DEFINITIONS = {
  fixed: { base_url: 'https://fixed.example/v1', key_variable: 'FIXED_KEY' },
  server: { base_url_variable: 'SERVER_URL' },
  own: { base_url: 'https://own.example/v1', key_variable: 'OWN_KEY' },
  keyed: { base_url_variable: 'KEYED_URL', key_variable: 'KEYED_KEY' },
};
const OWN: ProviderDefinition = {
  ...DEFINITIONS.own,
  ...{ name: 'own', apiKeys: [KEY], headers: {}, secrets: [KEY], baseUrls: ['https://own.example/v1'] },
};

function setUp(check: (definition: ProviderDefinition) => void = () => {}) {
  const stored: Record<string, ProviderSettings> = {};
  const store: ProviderSettingsStore = {
    read: () => ({ providers: { ...stored }, warnings: [] }),
    write: (name, settings) => void Object.assign(stored, { [name]: settings }),
    remove: (name) => void delete stored[name],
  };
  const lines: string[] = [];
  const applied: string[][] = [];
  const client = createProviderSettings({
    models: { providers: [OWN], definitions: DEFINITIONS },
    store,
    check: async (definition) => check(definition),
    apply: (providers) => void applied.push(providers.map(({ name }) => name)),
    logger: createLogger({ service: 't', level: 'trace', secrets: [], destination: { write: (line) => void lines.push(line) } }),
  });
  return { client, stored, applied, log: () => lines.join('') };
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('It succeeded.'),
    (thrown: AppError) => thrown,
  );

it('stores and applies settings that the provider accepts, and lists their source without the key', async () => {
  const { client, stored, applied, log } = setUp();
  await client.save('fixed', { api_key: KEY }, context);
  expect(stored).toEqual({ fixed: { api_key: KEY } });
  expect(applied).toEqual([['fixed', 'own']]);
  const states = await client.list(context);
  expect(states.map(({ name, source, has_key }) => [name, source, has_key])).toEqual([
    ['fixed', 'stored', true],
    ['server', null, false],
    ['own', 'environment', true],
    ['keyed', null, false],
  ]);
  expect(JSON.stringify(states) + log()).not.toContain(KEY);
});

it('removes settings and applies the rest', async () => {
  const { client, stored, applied } = setUp();
  await client.save('server', { base_url: 'http://127.0.0.1:1' }, context);
  await client.remove('server', context);
  expect([stored, applied.at(-1)]).toEqual([{}, ['own']]);
});

it('applies the settings that another replica has stored', async () => {
  const { client, stored, applied } = setUp();
  stored.fixed = { api_key: KEY };
  await client.reload(context);
  expect(applied).toEqual([['fixed', 'own']]);
});

it('stores no settings that the provider refuses', async () => {
  const { client, stored, applied } = setUp(() => {
    throw new AppError('PROVIDER_KEY_REFUSED');
  });
  stored.fixed = { api_key: 'the-working-key' };
  expect(await errorOf(client.save('fixed', { api_key: KEY }, context))).toMatchObject({ code: 'PROVIDER_KEY_REFUSED' });
  expect([stored, applied]).toEqual([{ fixed: { api_key: 'the-working-key' } }, []]);
});

describe('a change without a key', () => {
  const STORED = { api_key: KEY, base_url: 'http://one.example:8080/v1' };

  it.each(['http://one.example:8080/v1', 'http://one.example:8080/v2'])('keeps the stored key at %s', async (base_url) => {
    const keys: (readonly string[])[] = [];
    const { client, stored } = setUp(({ apiKeys }) => void keys.push(apiKeys));
    stored.keyed = STORED;
    await client.save('keyed', { base_url }, context);
    expect([stored.keyed, keys]).toEqual([{ api_key: KEY, base_url }, [[KEY]]]);
  });

  it.each(['http://two.example:8080/v1', 'https://one.example:8080/v1', 'http://one.example:8081/v1'])(
    'does not send the stored key to %s, and asks for it again',
    async (base_url) => {
      const { client, stored } = setUp(() => expect.unreachable('It called the provider.'));
      stored.keyed = STORED;
      const { code, details } = await errorOf(client.save('keyed', { base_url }, context));
      expect([code, details]).toEqual([
        'VALIDATION_ERROR',
        [{ path: 'api_key', message: 'Enter the key again: the stored key is for another server' }],
      ]);
      expect(stored.keyed).toEqual(STORED);
    },
  );

  it('deletes the stored key only for null', async () => {
    const { client, stored } = setUp();
    stored.keyed = STORED;
    await client.save('keyed', { api_key: null, base_url: 'http://two.example/v1' }, context);
    expect(stored.keyed).toEqual({ base_url: 'http://two.example/v1' });
  });
});

describe('rejects without calling the provider', () => {
  it.each([
    ['an unknown provider', 'unknown', { api_key: KEY }, 'NOT_FOUND', undefined],
    ['a name of Object.prototype', 'constructor', { api_key: KEY }, 'NOT_FOUND', undefined],
    ['a provider of the environment', 'own', { api_key: KEY }, 'CONFLICT', undefined],
    ['a missing key', 'fixed', {}, 'VALIDATION_ERROR', 'api_key'],
    ['a missing address', 'server', {}, 'VALIDATION_ERROR', 'base_url'],
    ['a placeholder', 'fixed', { api_key: 'your-key-here' }, 'VALIDATION_ERROR', 'api_key'],
    ['a key for a provider without one', 'server', { api_key: KEY, base_url: 'http://a' }, 'VALIDATION_ERROR', 'api_key'],
    ['another address of a fixed provider', 'fixed', { api_key: KEY, base_url: 'http://a' }, 'VALIDATION_ERROR', 'base_url'],
  ])('%s', async (_case, name, settings, code, path) => {
    const { client, stored } = setUp(() => expect.unreachable('It called the provider.'));
    const error = await errorOf(client.save(name, settings, context));
    expect([error.code, error.details?.[0]?.path]).toEqual([code, path]);
    expect(stored).toEqual({});
  });
});
