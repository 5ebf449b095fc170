import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@prodigon/contracts';
import { expect, it, onTestFinished } from 'vitest';
import { createProviderSettingsStore } from './provider-settings-store.ts';

const KEY = 'key-of-this-test-0123';

function setUp() {
  const parent = mkdtempSync(join(tmpdir(), 'prodigon-providers-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const dataDirectory = join(parent, 'data');
  const folder = join(dataDirectory, 'provider-settings');
  return { folder, dataDirectory, store: createProviderSettingsStore(dataDirectory) };
}

it('returns the settings that any store of the same folder has written, until one removes them', () => {
  const { store, dataDirectory } = setUp();
  expect(store.read()).toEqual({ providers: {}, warnings: [] });
  store.write('groq', { api_key: 'old-key' });
  store.write('groq', { api_key: KEY });
  store.write('llama.cpp', { base_url: 'http://127.0.0.1:1/v1' });
  const other = createProviderSettingsStore(dataDirectory);
  expect(other.read()).toEqual({
    providers: { groq: { api_key: KEY }, 'llama.cpp': { base_url: 'http://127.0.0.1:1/v1' } },
    warnings: [],
  });
  other.remove('groq');
  other.remove('groq');
  expect(Object.keys(store.read().providers)).toEqual(['llama.cpp']);
});

it('stores the settings where only their owner can read them', () => {
  const { store, folder } = setUp();
  store.write('groq', { api_key: KEY });
  expect(readdirSync(folder)).toEqual(['groq.json']);
  expect([folder, join(folder, 'groq.json')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
});

it.each([
  ['a folder', '', 'is accessible to other users', 0],
  ['a file', 'groq.json', 'is accessible to other users', 1],
])('ignores %s that other users can access, and warns without its content', (_case, path, problem, readable) => {
  const { store, folder } = setUp();
  store.write('groq', { api_key: KEY });
  store.write('openai', { api_key: KEY });
  chmodSync(join(folder, path), path === '' ? 0o755 : 0o644);
  const { providers, warnings } = store.read();
  expect(Object.keys(providers)).toHaveLength(readable);
  expect(warnings).toEqual([expect.stringContaining(`${join(folder, path)} ${problem}`.replace('/ ', ' '))]);
  expect(warnings.join()).not.toContain(KEY);
});

it('refuses to write into a folder that other users can access', () => {
  const { store, folder } = setUp();
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  expect(() => store.write('groq', { api_key: KEY })).toThrow(AppError);
  expect(readdirSync(folder)).toEqual([]);
});

it('ignores damaged files and links', () => {
  const { store, folder } = setUp();
  store.write('openai', { api_key: KEY });
  writeFileSync(join(folder, 'groq.json'), `{"api_key":"${KEY}"`, { mode: 0o600 });
  writeFileSync(join(folder, 'vllm.json'), `{"key":"${KEY}"}`, { mode: 0o600 });
  symlinkSync(join(folder, 'openai.json'), join(folder, 'ollama.json'));
  const { providers, warnings } = store.read();
  expect(Object.keys(providers)).toEqual(['openai']);
  expect(warnings).toHaveLength(3);
  expect(warnings.join()).not.toContain(KEY);
});
