import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPlatform, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { createRecordingUsage } from '../usage/usage-store.test-support.ts';
import { STREAM, startWithFaults, TYPED } from './generation.test-support.ts';

const WAIT = { timeout: 30_000 };
const DAY_MS = 86_400_000;

interface Asking {
  readonly path: string;
  readonly body: (model: string) => object;
  readonly init?: RequestInit;
}

const ofOurs = (model: string) => ({ prompt: 'What is a token?', model });
const ofOpenAi = (more: object) => (model: string) => ({
  model,
  messages: [{ role: 'user', content: 'What is a token?' }],
  ...more,
});

const IN_ONE_PIECE: Record<string, Asking> = {
  '/api/v1/generate': { path: '/api/v1/generate', body: ofOurs },
  '/v1/chat/completions': { path: '/v1/chat/completions', body: ofOpenAi({}) },
};
const STREAMED: Record<string, Asking> = {
  [STREAM]: { path: STREAM, body: ofOurs },
  [`${STREAM}, typed`]: { path: STREAM, body: ofOurs, init: TYPED },
  '/v1/chat/completions, streamed': { path: '/v1/chat/completions', body: ofOpenAi({ stream: true }) },
};
const piecewise = Object.entries(STREAMED);
const all = [...Object.entries(IN_ONE_PIECE), ...piecewise];

describe.each(TOPOLOGIES)('a caller who leaves, %s,', (topology) => {
  /** Asks `model`, leaves once `isTime` has come, and resolves when that was recorded. */
  async function leave(
    { path, body, init }: Asking,
    model: string,
    platform: Platform,
    isTime: (answer: Promise<Response>) => Promise<unknown>,
  ) {
    const leaving = new AbortController();
    const answer = platform.post(path, body(model), { ...init, signal: leaving.signal });
    const copy = answer.then((response) => response.clone());
    const whole = answer.then((response) => response.text());
    for (const each of [copy, whole]) each.catch(() => {});
    await isTime(copy);
    leaving.abort();
    await expect(whole).rejects.toThrow();
    await expect.poll(() => platform.records.length, WAIT).toBe(1);
    await expect.poll(platform.log, WAIT).toContain('"status":499');
    return platform.records[0];
  }
  type Platform = Awaited<ReturnType<typeof startPlatform>> & Pick<ReturnType<typeof createRecordingUsage>, 'records'>;

  async function withFaults(options: Partial<Parameters<typeof startPlatform>[0]> = {}) {
    const { records, usage } = createRecordingUsage();
    return { ...(await startWithFaults(topology, { usage, ...options })), records };
  }

  /** The prompt was read, though nobody has told how long it was. */
  const CANCELLED = { status: 'cancelled', attempts: 1, estimated: true, promptTokens: 4 };

  it.each(all)('before the provider has said anything ends its call: %s', async (_name, asking) => {
    const platform = await withFaults();
    const arriving = platform.provider.nextCall();
    const record = await leave(asking, 'hang', platform, () => arriving);
    await (await arriving).disconnected;
    expect(record).toMatchObject({ ...CANCELLED, completionTokens: 0, ttftMs: null });
    expect(platform.provider.calls).toHaveLength(1);
  });

  it.each(piecewise)('before the first token ends its call: %s', async (_name, asking) => {
    const platform = await withFaults();
    const arriving = platform.provider.nextCall();
    const record = await leave(asking, 'silent_stream', platform, () => arriving);
    await (await arriving).disconnected;
    expect(record).toMatchObject({ ...CANCELLED, completionTokens: 0, ttftMs: null });
    expect(platform.provider.calls).toHaveLength(1);
  });

  it.each(piecewise)('in the middle ends its call, and what came until then is counted: %s', async (_name, asking) => {
    const platform = await withFaults();
    const arriving = platform.provider.nextCall();
    const record = await leave(asking, 'stall', platform, async (answer) => {
      const reader = ((await answer).body as ReadableStream<Uint8Array>).getReader();
      for (let text = ''; !text.includes('carry '); ) text += Buffer.from((await reader.read()).value ?? []).toString();
    });
    await (await arriving).disconnected;
    expect(record).toMatchObject({ ...CANCELLED, ttftMs: expect.any(Number) });
    expect(record?.completionTokens).toBeGreaterThan(0);
    expect(platform.provider.calls).toHaveLength(1);
  });

  it.each(all)('between two calls causes no other: %s', async (_name, asking) => {
    const policy = { firstDelayMs: DAY_MS, longestDelayMs: DAY_MS };
    const platform = await withFaults({ policy, totalTimeoutMs: 10 * DAY_MS });
    const record = await leave(asking, 'status_503', platform, () => expect.poll(platform.log, WAIT).toContain('Call to faulty failed'));
    expect(record).toMatchObject({ ...CANCELLED, completionTokens: 0 });
    expect(platform.provider.calls).toHaveLength(1);
  });

  it.each(all)('while the provider cannot be reached sends it nothing: %s', async (_name, asking) => {
    // It takes the connection but never answers the greeting of TLS, which belongs to connecting.
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
    const { records, usage } = createRecordingUsage();
    const platform = { ...(await startPlatform({ topology, usage, providers: [{ endpoints: [far] }] })), records };

    const record = await leave(asking, 'distant', platform, () => expect.poll(() => sockets.length, WAIT).toBe(1));
    expect(record).toMatchObject({ ...CANCELLED, completionTokens: 0 });
    expect(sockets).toHaveLength(1);
  });
});
