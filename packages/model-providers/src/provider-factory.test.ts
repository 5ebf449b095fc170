import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { loadConfiguration, loadModelsFile, REPOSITORY_ROOT } from '@prodigon/platform';
import { type ContentStore, endpointOf } from '@prodigon/ports';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createOpenAiCompatibleProvider } from './openai-compatible/openai-compatible-provider.ts';
import { createProviderFactory } from './provider-factory.ts';

const content: ContentStore = {
  list: async () => [],
  read: async () => '',
  readAsset: async () => ({ bytes: new Uint8Array(), mediaType: 'image/png' }),
  readSource: () => Promise.reject(new Error('not used')),
};
const configure = (env: Record<string, string>) => loadConfiguration({ env, directory: import.meta.dirname });
const providersFor = (env: Record<string, string>) =>
  createProviderFactory(configure(env), content).create(
    loadModelsFile({ env, directory: REPOSITORY_ROOT, path: 'config/models.yaml' }).providers,
  );
const namesFor = (env: Record<string, string>) => providersFor(env).map((registration) => endpointOf(registration).name);

describe('the default provider', () => {
  /** The tutor, the simulator and the embedder. */
  const offline = ['offline', 'offline', 'offline'];
  const keys = { GROQ_API_KEY: 'gsk_test', OPENAI_API_KEY: 'sk-test', OLLAMA_BASE_URL: 'http://127.0.0.1:11434' };

  it.each([
    ['Groq when its key is set', keys, ['groq', 'openai', 'ollama', ...offline]],
    ['OpenAI without Groq', { ...keys, GROQ_API_KEY: '' }, ['openai', 'ollama', ...offline]],
    [
      'the base URL instead of OpenAI',
      { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' },
      ['openai-compatible', ...offline],
    ],
    ['Ollama without those', { OLLAMA_BASE_URL: 'http://127.0.0.1:11434' }, ['ollama', ...offline]],
    ['the tutor with nothing set', {}, offline],
    ['the tutor whatever is set, with USE_MOCK', { ...keys, USE_MOCK: 'true' }, offline],
  ])('is %s', (_case, env, names) => {
    expect(namesFor(env as Record<string, string>)).toEqual(names);
  });

  it('has a configured default model when the provider lists many', () => {
    const [groq, openai] = providersFor(keys);
    expect([groq?.defaultModel, openai?.defaultModel]).toEqual(['openai/gpt-oss-120b', 'gpt-4.1-mini']);
  });
});

describe('a provider', () => {
  it('times out when it accepts the connection but no TLS handshake', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const provider = createOpenAiCompatibleProvider({
      name: 'mute',
      baseUrl: `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
      connectTimeoutMs: 50,
    });
    await expect(provider.models(new AbortController().signal)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});

it('has no simulator when ALLOW_SIMULATOR is false', async () => {
  const idsWith = async (env: Record<string, string>) => {
    const loaded = loadConfiguration({ env, directory: '/nowhere' });
    const registrations = createProviderFactory(loaded, content).create([]);
    const models = registrations.map((registration) => endpointOf(registration).models(new AbortController().signal));
    return (await Promise.all(models)).flat().map(({ id }) => id);
  };
  expect(await idsWith({})).toContain('prodigon-sim');
  expect(await idsWith({ ALLOW_SIMULATOR: 'false' })).toEqual(['prodigon-tutor', 'prodigon-embed']);
});
