import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadPlatformConfiguration } from './load-platform-configuration.ts';
import { createProviderSettingsStore, type StoredProviders } from './provider-settings-store.ts';

const MODELS = `
providers:
  first: { base_url: "https://first.example/v1", key_variable: FIRST_KEY, models: { one: {} } }
  server: { base_url_variable: SERVER_URL, base_url_suffix: /v1, key_variable: SECOND_KEY }
  titled: { base_url: "https://titled.example/v1", key_variable: TITLED_KEY, headers: { X-Title: Prodigon, X-Token: "\${TOKEN}" } }
  second: { base_url: "https://second.example/v1", key_variable: SECOND_KEY, unless_variable: SERVER_URL }
`;

function load(stored: StoredProviders, env: Record<string, string> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-stored-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'models.yaml'), MODELS);
  const store = createProviderSettingsStore(join(directory, 'data'));
  for (const [name, settings] of Object.entries(stored)) store.write(name, settings);
  return loadPlatformConfiguration({ env: { MODELS_FILE: 'models.yaml', DATA_DIR: 'data', ...env }, directory });
}

const enabled = (...args: Parameters<typeof load>) =>
  load(...args).providers.map(({ name, apiKeys, baseUrls }) => [name, ...apiKeys, ...baseUrls]);

it('enables providers with stored settings, in the order of the file', () => {
  const stored = { second: { api_key: 'b' }, server: { base_url: 'http://127.0.0.1:1' }, first: { api_key: 'a' } };
  expect(enabled(stored)).toEqual([
    ['first', 'a', 'https://first.example/v1'],
    ['server', 'http://127.0.0.1:1/v1'],
    ['second', 'b', 'https://second.example/v1'],
  ]);
});

it('ignores the stored settings of a provider that the environment configures', () => {
  expect(enabled({ first: { api_key: 'stored' } }, { FIRST_KEY: 'own' })).toEqual([['first', 'own', 'https://first.example/v1']]);
});

it('sends no key of the environment to a stored address, and no stored key to an address of the environment', () => {
  const stored = { server: { api_key: 'stored', base_url: 'http://127.0.0.1:1' } };
  expect(enabled({ server: { base_url: 'http://127.0.0.1:1' } }, { SECOND_KEY: 'own' })).toEqual([
    ['server', 'http://127.0.0.1:1/v1'],
    ['second', 'own', 'https://second.example/v1'],
  ]);
  expect(enabled(stored, { SERVER_URL: 'http://127.0.0.1:2' })).toEqual([['server', 'http://127.0.0.1:2/v1']]);
});

it('ignores unknown providers, addresses of providers with a fixed address, and incomplete settings', () => {
  const stored = { unknown: { api_key: 'a' }, first: { base_url: 'http://127.0.0.1:1' }, server: { api_key: 'b' } };
  expect(enabled(stored)).toEqual([]);
});

it('accepts a DEFAULT_MODEL of a provider with a stored key', () => {
  expect(load({ first: { api_key: 'a' } }, { DEFAULT_MODEL: 'one' }).configuration.DEFAULT_MODEL).toBe('one');
  expect(() => load({}, { DEFAULT_MODEL: 'one' })).toThrow('set FIRST_KEY');
});

it('sends headers with variables only when the environment configures the provider', () => {
  const headersOf = (...args: Parameters<typeof load>) =>
    load(...args).providers.map(({ headers, secrets }) => [headers, secrets]);
  expect(headersOf({ titled: { api_key: 'a' } }, { TOKEN: 't' })).toEqual([[{ 'x-title': 'Prodigon' }, ['a']]]);
  expect(headersOf({}, { TITLED_KEY: 'b', TOKEN: 't' })).toEqual([[{ 'x-title': 'Prodigon', 'x-token': 't' }, ['b', 't']]]);
});
