import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ModelOptions, type Platform, shareGateway, startPlatform, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { STREAM, startWithFaults, TYPED } from './generation.test-support.ts';

const WAIT = { timeout: 30_000, interval: 5 };
const DAY_MS = 86_400_000;

interface Endpoint {
  readonly path: string;
  readonly body: (model: string) => object;
  readonly init?: RequestInit;
}

const generateBody = (model: string) => ({ prompt: 'What is a token?', model });
const chatBody = (more: object) => (model: string) => ({
  model,
  messages: [{ role: 'user', content: 'What is a token?' }],
  ...more,
});

const COMPLETIONS: Record<string, Endpoint> = {
  '/api/v1/generate': { path: '/api/v1/generate', body: generateBody },
  '/v1/chat/completions': { path: '/v1/chat/completions', body: chatBody({}) },
};
const STREAMS: Record<string, Endpoint> = {
  [STREAM]: { path: STREAM, body: generateBody },
  [`${STREAM}, typed`]: { path: STREAM, body: generateBody, init: TYPED },
  '/v1/chat/completions, streamed': { path: '/v1/chat/completions', body: chatBody({ stream: true }) },
};
const streams = Object.entries(STREAMS);
const all = [...Object.entries(COMPLETIONS), ...streams];

/** The usage of the prompt, estimated because the provider did not report it. */
const CANCELLED = { status: 'cancelled', attempts: 1, estimated: true, promptTokens: 4 };

/** Sends a request, disconnects when `trigger` resolves, and returns the usage record of the request. */
async function disconnect(
  { path, body, init }: Endpoint,
  model: string,
  platform: Platform,
  trigger: (response: Promise<Response>) => Promise<unknown>,
) {
  const disconnecting = new AbortController();
  const response = platform.post(path, body(model), { ...init, signal: disconnecting.signal });
  const copy = response.then((opened) => opened.clone());
  const whole = response.then((opened) => opened.text());
  for (const each of [copy, whole]) each.catch(() => {});
  await trigger(copy);
  disconnecting.abort();
  await expect(whole).rejects.toThrow();
  await expect.poll(platform.log, WAIT).toContain('"status":499');
  await expect.poll(() => platform.metrics.registry.metrics(), WAIT).toMatch(/^generations_total\{.*status="cancelled"\} 1$/m);
  await platform.flushUsage();
  expect(platform.records).toHaveLength(1);
  return platform.records[0];
}

describe.each(TOPOLOGIES)('a client that disconnects, model service %s', (topology) => {
  const start = shareGateway(topology);
  const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);

  it.each(all)('cancels the provider call before the provider responds: %s', async (_name, endpoint) => {
    const platform = await withFaults();
    const arriving = platform.provider.nextCall();
    const record = await disconnect(endpoint, 'hang', platform, () => arriving);
    await (await arriving).disconnected;
    expect(record).toMatchObject({ ...CANCELLED, completionTokens: 0, ttftMs: null });
    expect(platform.provider.calls).toHaveLength(1);
  });

  it.each(streams)('cancels the provider call before the first token: %s', async (_name, endpoint) => {
    const platform = await withFaults();
    const arriving = platform.provider.nextCall();
    const record = await disconnect(endpoint, 'silent_stream', platform, () => arriving);
    await (await arriving).disconnected;
    expect(record).toMatchObject({ ...CANCELLED, completionTokens: 0, ttftMs: null });
    expect(platform.provider.calls).toHaveLength(1);
  });

  it.each(streams)('cancels the provider call in mid-stream and records the tokens so far: %s', async (_name, endpoint) => {
    const platform = await withFaults();
    const arriving = platform.provider.nextCall();
    const record = await disconnect(endpoint, 'stall', platform, async (response) => {
      const reader = ((await response).body as ReadableStream<Uint8Array>).getReader();
      for (let text = ''; !text.includes('carry '); ) text += Buffer.from((await reader.read()).value ?? []).toString();
    });
    await (await arriving).disconnected;
    expect(record).toMatchObject({ ...CANCELLED, ttftMs: expect.any(Number) });
    expect(record?.completionTokens).toBeGreaterThan(0);
    expect(platform.provider.calls).toHaveLength(1);
  });

  it.each(all)('cancels a pending retry: %s', async (_name, endpoint) => {
    const policy = { firstDelayMs: DAY_MS, longestDelayMs: DAY_MS };
    const platform = await startWithFaults(topology, { policy, totalTimeoutMs: 10 * DAY_MS });
    const failed = () => expect.poll(() => platform.metrics.registry.metrics(), WAIT).toContain('outcome="INFERENCE_ERROR"} 1');
    const record = await disconnect(endpoint, 'status_503', platform, failed);
    expect(record).toMatchObject({ ...CANCELLED, completionTokens: 0 });
    expect(platform.provider.calls).toHaveLength(1);
  });

  it.each(all)('sends nothing to a provider that is still connecting: %s', async (_name, endpoint) => {
    // The server accepts the connection but never completes the TLS handshake, so the provider stays connecting.
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket.on('error', () => {})));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const adapter = createOpenAiCompatibleProvider({ name: 'far', baseUrl, connectTimeoutMs: 60_000 });
    const far = { ...adapter, models: async () => [{ id: 'distant' }] };
    const platform = await startPlatform({ topology, providers: [{ endpoints: [far] }] });

    const record = await disconnect(endpoint, 'distant', platform, () => expect.poll(() => sockets.length, WAIT).toBe(1));
    expect(record).toMatchObject({ ...CANCELLED, completionTokens: 0 });
    expect(sockets).toHaveLength(1);
  });
});
