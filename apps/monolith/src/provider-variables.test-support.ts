import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { startFaultProvider } from '@prodigon/testing';
import { expect, onTestFinished, vi } from 'vitest';
import { createFolder, generate, listen, start, startProcess, type VariableTests } from './environment-variables.test-support.ts';

/** A provider key. */
const KEY = 'key-of-this-test-0123';
const MODELS_FILE = join(import.meta.dirname, '../../../config/models.yaml');

/** Variables of model providers, models and the timeouts of provider calls. */
export const PROVIDER_VARIABLES: VariableTests = {
  async ALLOW_SIMULATOR() {
    const { url } = await start('monolith', { ALLOW_SIMULATOR: 'false' });
    expect((await generate(url, { model: 'prodigon-sim' })).status).toBe(422);
  },
  async CONNECT_TIMEOUT_MS() {
    // The server accepts the connection but never completes the TLS handshake, which is part of connecting.
    const port = await listen(createTcpServer(() => {}));
    const baseUrl = `https://127.0.0.1:${port}/v1`;
    // The total timeout is shorter than the default, and its error has another message.
    const { url } = await start('monolith', { OPENAI_BASE_URL: baseUrl, CONNECT_TIMEOUT_MS: '50', TOTAL_TIMEOUT_MS: '3000' });
    const response = await generate(url, { model: 'any' });
    expect(response.status).toBe(504);
    expect(await response.text()).toContain('Connecting to the model provider took too long');
  },
  FIRST_TOKEN_TIMEOUT_MS: () =>
    expectTimeout({ FIRST_TOKEN_TIMEOUT_MS: '50', TOTAL_TIMEOUT_MS: '5000' }, 'silent_stream', /too long to start/),
  IDLE_TIMEOUT_MS: () =>
    expectTimeout({ IDLE_TIMEOUT_MS: '50', TOTAL_TIMEOUT_MS: '5000' }, 'stall', /"Streams "[\s\S]*stopped in the middle/),
  TOTAL_TIMEOUT_MS: () => expectTimeout({ TOTAL_TIMEOUT_MS: '1000' }, 'stall', /"Streams "[\s\S]*took too long/),
  GROQ_API_KEY: () => expectKeySentTo('https://api.groq.com/openai/v1', 'GROQ_API_KEY'),
  async OPENAI_API_KEY() {
    const { provider, url } = await startWithFaultProvider({ OPENAI_API_KEY: KEY });
    expect((await generate(url, {})).status).toBe(200);
    expect(provider.calls[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  },
  async CHAT_TITLES() {
    const callsWith = async (CHAT_TITLES: string, turns: number) => {
      const { provider, url } = await startWithFaultProvider({ CHAT_TITLES });
      for (let turn = 0; turn < turns; turn++) await askInNewConversation(url, 'healthy');
      return provider.calls;
    };
    const calls = await callsWith('on', 1);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    // A title would be the second call.
    expect(await callsWith('off', 3)).toHaveLength(3);
  },
  OPENAI_BASE_URL: () => expectCallTo('OPENAI_BASE_URL', 'openai-compatible'),
  async OLLAMA_BASE_URL() {
    const paths: string[] = [];
    const port = await listen(
      createServer((request, response) => {
        paths.push(request.url ?? '');
        response.setHeader('content-type', 'application/json').end('{"data":[{"id":"llama"}]}');
      }),
    );
    const { url } = await start('monolith', { OLLAMA_BASE_URL: `http://127.0.0.1:${port}` });
    expect(await (await fetch(`${url}/api/v1/models`)).json()).toMatchObject({
      default_model: 'llama',
      models: [{ id: 'llama', provider: 'ollama' }, {}, {}, {}],
    });
    expect(paths).toEqual(['/v1/models']);
  },
  async HTTP_PROXY() {
    const provider = await startFaultProvider();
    onTestFinished(() => provider.close());
    const proxy = await startProxy(Number(new URL(provider.baseUrl).port));
    const { url } = await start('monolith', { OPENAI_BASE_URL: 'http://provider.invalid/v1', HTTP_PROXY: proxy.url });
    expect((await generate(url, {})).status).toBe(200);
    expect(new Set(proxy.authorities)).toEqual(new Set(['provider.invalid:80']));
  },
  async HTTPS_PROXY() {
    const proxy = await startProxy();
    const { url } = await start('monolith', { OPENAI_BASE_URL: 'https://provider.invalid/v1', HTTPS_PROXY: proxy.url });
    const response = await generate(url, { model: 'any' });
    expect(response.status).toBe(503);
    expect((await response.json()).error).toMatchObject({
      code: 'PROVIDER_UNREACHABLE',
      message: 'The proxy in front of the model provider requires a valid user and password.',
    });
    expect(new Set(proxy.authorities)).toEqual(new Set(['provider.invalid:443']));
  },
  async NO_PROXY() {
    const proxy = await startProxy();
    const env = { OPENAI_BASE_URL: 'https://provider.invalid/v1', HTTPS_PROXY: proxy.url, NO_PROXY: 'other.test .invalid' };
    const { url } = await start('monolith', env);
    expect((await generate(url, { model: 'any' })).status).toBe(503);
    expect(proxy.authorities).toEqual([]);
  },
  async DEFAULT_MODEL() {
    const { url } = await start('monolith', { DEFAULT_MODEL: 'prodigon-sim' });
    expect((await (await fetch(`${url}/api/v1/models`)).json()).default_model).toBe('prodigon-sim');
  },
  async FALLBACK_MODEL() {
    const { provider, url } = await startWithFaultProvider({ FALLBACK_MODEL: 'healthy' });
    const response = await generate(url, { model: 'status_500' });
    expect([response.status, response.headers.get('x-prodigon-model')]).toEqual([200, 'healthy']);
    expect(provider.calls.map(({ model }) => model)).toEqual(['status_500', 'status_500', 'healthy']);
  },
  async MODELS_FILE() {
    const directory = createFolder();
    const file = join(directory, 'models.yaml');
    writeFileSync(file, 'policy: { attempts_max: 1 }\nproviders: { own: { base_url_variable: OPENAI_BASE_URL } }\n');
    const { provider, url } = await startWithFaultProvider({ MODELS_FILE: file });
    expect((await generate(url, { model: 'status_500' })).status).toBe(502);
    expect(provider.calls).toHaveLength(1);
    const { models } = await (await fetch(`${url}/api/v1/models`)).json();
    expect(models[0]).toMatchObject({ provider: 'own' });
  },
  OPENROUTER_API_KEY: () => expectKeySentTo('https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
  VLLM_BASE_URL: () => expectCallTo('VLLM_BASE_URL', 'vllm'),
  VLLM_API_KEY: () => expectCallTo('VLLM_BASE_URL', 'vllm', 'VLLM_API_KEY'),
  LLAMA_CPP_BASE_URL: () => expectCallTo('LLAMA_CPP_BASE_URL', 'llama.cpp'),
  LLAMA_CPP_API_KEY: () => expectCallTo('LLAMA_CPP_BASE_URL', 'llama.cpp', 'LLAMA_CPP_API_KEY'),
  async USE_MOCK() {
    const env = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', DEFAULT_MODEL: 'gpt-4.1' };
    const keys = { GROQ_API_KEY: 'your-key-here' };
    const mocked = await startProcess('monolith', { ...env, ...keys, USE_MOCK: 'true', LOG_LEVEL: 'warn' });
    // A vendor's DEFAULT_MODEL would otherwise fail every request that names no model.
    expect((await (await fetch(`${mocked.url}/api/v1/models`)).json()).default_model).toBe('prodigon-tutor');
    expect((await generate(mocked.url, {})).status).toBe(200);
    const messages = () => [...mocked.output().matchAll(/"msg":"([^"]*)"/g)].map(([, message]) => message);
    await expect
      .poll(messages)
      .toEqual([
        'GROQ_API_KEY holds a placeholder instead of a key; it is ignored',
        'DEFAULT_MODEL is ignored, because USE_MOCK allows only the offline models',
      ]);
    const real = await start('monolith', env);
    expect((await generate(real.url, {})).status).toBe(503);
  },
};

async function expectTimeout(env: Record<string, string>, model: string, expected: RegExp): Promise<void> {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { OPENAI_BASE_URL: provider.baseUrl, ...env });
  expect(await (await generate(url, { model }, '/stream')).text()).toMatch(expected);
}

/** Starts the monolith with a fault provider at OPENAI_BASE_URL. */
async function askInNewConversation(url: string, model: string): Promise<void> {
  const post = (path: string, body: object) =>
    fetch(`${url}/api/v1/chat/sessions${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const { id } = await (await post('', {})).json();
  expect(await (await post(`/${id}/turns`, { content: 'Hi', model })).text()).toContain('event: done');
}

async function startWithFaultProvider(env: Record<string, string>) {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { OPENAI_BASE_URL: provider.baseUrl, ...env });
  return { provider, url };
}

/** Expects that the base URL enables the provider under its name, and that its calls carry the key. */
async function expectCallTo(urlVariable: string, name: string, keyVariable?: string): Promise<void> {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const { url } = await start('monolith', { [urlVariable]: provider.baseUrl, ...(keyVariable && { [keyVariable]: KEY }) });
  const response = await generate(url, { model: 'healthy' });
  expect([response.status, response.headers.get('x-prodigon-provider')]).toEqual([200, name]);
  expect(provider.calls.map(({ key }) => key)).toEqual([keyVariable && KEY]);
}

/** Expects that the key enables a provider of config/models.yaml, and that its calls carry the key. A fault provider replaces the vendor. */
async function expectKeySentTo(baseUrl: string, keyVariable: string): Promise<void> {
  const provider = await startFaultProvider();
  onTestFinished(() => provider.close());
  const directory = createFolder();
  const file = join(directory, 'models.yaml');
  writeFileSync(file, readFileSync(MODELS_FILE, 'utf8').replace(`base_url: ${baseUrl}\n`, `base_url: ${provider.baseUrl}\n`));
  const { url } = await start('monolith', { MODELS_FILE: file, [keyVariable]: KEY });
  await generate(url, {});
  expect(new Set(provider.calls.map(({ key }) => key))).toEqual(new Set([KEY]));
}

/** Starts a proxy whose tunnels lead to `port`, or that requires authentication without one. Records their authorities. */
async function startProxy(port?: number): Promise<{ url: string; authorities: string[] }> {
  const authorities: string[] = [];
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    authorities.push(url);
    if (port === undefined) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const target = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    target.pipe(socket).pipe(target);
    for (const end of [target, socket]) end.on('error', () => {});
  });
  return { url: `http://127.0.0.1:${await listen(proxy)}`, authorities };
}
