import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultProvider, startFaultProvider } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFolder, generate, shareDatabase, start } from './environment-variables.test-support.ts';

const KEY = 'key-of-this-test-0123';
const REFUSED_KEY = 'refused-key-of-this-test-0123';
const INTERNAL_TOKEN = 'token-of-this-test-0123';

shareDatabase();

async function startProvider(): Promise<FaultProvider> {
  const provider = await startFaultProvider({ refusedKeys: [REFUSED_KEY] });
  onTestFinished(() => provider.close());
  return provider;
}

async function save(url: string, name: string, settings: object): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/api/v1/providers/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  return { status: response.status, text: await response.text() };
}

const remove = (url: string, name: string) => fetch(`${url}/api/v1/providers/${name}`, { method: 'DELETE' });

async function answer(url: string): Promise<string> {
  const response = await generate(url, { model: 'healthy' });
  return response.status === 200 ? (await response.json()).text : `${response.status}`;
}

/** Starts a gateway and two replicas of the model service, which share their data directory. */
async function startReplicas(DATA_DIR: string, transport: string) {
  const env = { DATA_DIR, INTERNAL_TOKEN };
  const replicas = [await start('model', env), await start('model', env)];
  const startGateway = (...models: { readonly url: string; readonly grpcUrl: string }[]) =>
    start('gateway', {
      ...env,
      MODEL_SERVICE_URL: models.map(({ url }) => url).join(),
      MODEL_GRPC_URL: models.map(({ grpcUrl }) => grpcUrl).join(),
      MODEL_TRANSPORT: transport,
    });
  const gateway = await startGateway(...replicas);
  // A gateway for each replica shows what that replica knows.
  const gateways = await Promise.all(replicas.map((replica) => startGateway(replica)));
  return { gateway, gateways };
}

describe('provider settings', () => {
  it('are restored from a copy of their folder', async () => {
    const provider = await startProvider();
    const [DATA_DIR, RESTORED] = [createFolder(), createFolder()];
    const { url } = await start('monolith', { DATA_DIR });
    expect((await save(url, 'vllm', { api_key: KEY, base_url: provider.baseUrl })).status).toBe(200);
    // As docs/operations/back-up.md says: a copy that other users can read is ignored.
    execFileSync('cp', ['-a', join(DATA_DIR, 'provider-settings'), RESTORED]);
    expect(await answer((await start('monolith', { DATA_DIR: RESTORED })).url)).toContain('Streams');
    expect(provider.calls.at(-1)?.key).toBe(KEY);
  });

  it('enables a provider immediately and after a restart, in one process', async () => {
    const provider = await startProvider();
    const DATA_DIR = createFolder();
    const { url } = await start('monolith', { DATA_DIR });
    expect(await answer(url)).toBe('422');
    expect((await save(url, 'vllm', { api_key: KEY, base_url: provider.baseUrl })).status).toBe(200);
    expect(await answer(url)).toContain('Streams');
    expect(provider.calls.at(-1)?.key).toBe(KEY);

    const folder = join(DATA_DIR, 'provider-settings');
    expect(readdirSync(folder)).toEqual(['vllm.json']);
    expect(statSync(join(folder, 'vllm.json')).mode & 0o777).toBe(0o600);
    const restarted = await start('monolith', { DATA_DIR });
    expect(await answer(restarted.url)).toContain('Streams');

    expect((await remove(url, 'vllm')).status).toBe(200);
    expect([await answer(url), readdirSync(folder)]).toEqual(['422', []]);
  });

  it.each(['http2', 'http1', 'grpc'])('applies settings in every replica of the model service over %s', async (transport) => {
    const provider = await startProvider();
    const { gateway, gateways } = await startReplicas(createFolder(), transport);
    expect((await save(gateway.url, 'vllm', { api_key: KEY, base_url: provider.baseUrl })).status).toBe(200);
    for (const { url } of gateways) expect(await answer(url)).toContain('Streams');
    expect((await remove(gateway.url, 'vllm')).status).toBe(200);
    for (const { url } of gateways) expect((await generate(url, { model: 'healthy' })).status).toBe(422);
  });

  it('keeps the working key when the provider refuses a new one', async () => {
    const provider = await startProvider();
    const DATA_DIR = createFolder();
    const { gateway } = await startReplicas(DATA_DIR, 'http2');
    await save(gateway.url, 'vllm', { api_key: KEY, base_url: provider.baseUrl });
    const refused = await save(gateway.url, 'vllm', { api_key: REFUSED_KEY, base_url: provider.baseUrl });
    expect([refused.status, refused.text]).toEqual([502, expect.stringContaining('vllm refused the key')]);
    expect(refused.text).not.toContain(REFUSED_KEY);
    expect(await answer(gateway.url)).toContain('Streams');
    expect(readFileSync(join(DATA_DIR, 'provider-settings/vllm.json'), 'utf8')).not.toContain(REFUSED_KEY);
  });

  it('rejects changes of a provider that environment variables configure', async () => {
    const provider = await startProvider();
    const { url } = await start('monolith', { VLLM_BASE_URL: provider.baseUrl, VLLM_API_KEY: KEY });
    const { status, text } = await save(url, 'vllm', { api_key: 'another-key-0123', base_url: provider.baseUrl });
    expect([status, text]).toEqual([409, expect.stringContaining('Change VLLM_API_KEY or VLLM_BASE_URL instead')]);
    expect(await answer(url)).toContain('Streams');
    expect(provider.calls.at(-1)?.key).toBe(KEY);
  });

  it('rejects changes on a platform that other machines can reach', async () => {
    const key = 'caller-key-of-this-test-0123';
    const { url } = await start('monolith', { HOST: '0.0.0.0', API_KEYS: `ada:admin=${key}` });
    const response = await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}/api/v1/providers/groq`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${key}` },
    });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('only environment variables')]);
  });
});
