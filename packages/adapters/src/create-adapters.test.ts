import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { loadConfiguration } from '@prodigon/platform';
import type { ContentStore } from '@prodigon/ports';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createModelProviders, modelServiceUrl } from './create-adapters.ts';
import { createOpenAiCompatibleProvider } from './model-provider/openai-compatible/openai-compatible-provider.ts';

const content: ContentStore = {
  list: async () => [],
  read: async () => '',
  readAsset: async () => ({ bytes: new Uint8Array(), mediaType: 'image/png' }),
};
const configure = (env: Record<string, string>) => loadConfiguration({ env, directory: import.meta.dirname });
const namesFor = (env: Record<string, string>) =>
  createModelProviders(configure(env), content).map(({ provider }) => provider.name);

describe('the provider that answers by default', () => {
  const keys = { GROQ_API_KEY: 'gsk_test', OPENAI_API_KEY: 'sk-test', OLLAMA_BASE_URL: 'http://127.0.0.1:11434' };

  it.each([
    ['Groq when its key is there', keys, ['groq', 'openai', 'ollama', 'offline', 'offline']],
    ['OpenAI without Groq', { ...keys, GROQ_API_KEY: '' }, ['openai', 'ollama', 'offline', 'offline']],
    [
      'the base URL instead of OpenAI',
      { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' },
      ['openai-compatible', 'offline', 'offline'],
    ],
    ['Ollama without those', { OLLAMA_BASE_URL: 'http://127.0.0.1:11434' }, ['ollama', 'offline', 'offline']],
    ['the tutor with nothing set', {}, ['offline', 'offline']],
    ['the tutor whatever is set, with USE_MOCK', { ...keys, USE_MOCK: 'true' }, ['offline', 'offline']],
  ])('is %s', (_case, env, names) => {
    expect(namesFor(env as Record<string, string>)).toEqual(names);
  });

  it('has a default model where the provider has too many to take the first', () => {
    const [groq, openai] = createModelProviders(configure(keys), content);
    expect([groq?.defaultModel, openai?.defaultModel]).toEqual(['openai/gpt-oss-120b', 'gpt-4.1-mini']);
  });
});

describe('the address of the model service', () => {
  it.each([
    [{}, 'http://127.0.0.1:8001'],
    [{ MODEL_PORT: '9001' }, 'http://127.0.0.1:9001'],
    [{ INTERNAL_HOST: '::1' }, 'http://[::1]:8001'],
    [{ INTERNAL_HOST: '0.0.0.0', INTERNAL_TOKEN: 'token-of-sixteen-letters' }, 'http://127.0.0.1:8001'],
    [{ MODEL_SERVICE_URL: 'http://model:80/' }, 'http://model:80'],
  ])('with %j is %s', (env, url) => expect(modelServiceUrl(configure(env as Record<string, string>))).toBe(url));
});

describe('a provider', () => {
  it('that takes the connection and nothing more is given up after the connect timeout', async () => {
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
