import { createRedisConnection, createRedisResponseCache } from '@prodigon/storage/redis';
import { startTestRedis, type TestRedis } from '@prodigon/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';
import { startCompletionProvider } from '../openai/completion-provider.test-support.ts';

const WAIT = { timeout: 30_000, interval: 20 };
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'What is a token?' }] };
const STREAM = { ...CHAT, stream: true };

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.close());
beforeEach(() => server.restart());

/** Starts two gateways with one provider, which responds to chat completions when the test says so. */
async function startTwoGateways({ leaseMs = 600_000 } = {}) {
  const scripted = await startCompletionProvider();
  const gate = Promise.withResolvers<void>();
  const provider = {
    ...scripted.provider,
    complete: async (...call: Parameters<typeof scripted.provider.complete>) => {
      calls += 1;
      await Promise.race([gate.promise, aborted(call[1].signal)]);
      return scripted.provider.complete(...call);
    },
    async *stream(...call: Parameters<typeof scripted.provider.stream>) {
      calls += 1;
      await Promise.race([gate.promise, aborted(call[1].signal)]);
      yield* scripted.provider.stream(...call);
    },
  };
  let calls = 0;
  async function startGateway() {
    const redis = createRedisConnection({ url: server.url, timeoutMs: 5_000 });
    onTestFinished(() => redis.close());
    await redis.connected();
    const cache = createRedisResponseCache({ redis, ttlMs: 600_000, leaseMs });
    const providers = [{ endpoints: [provider], acceptsOtherIds: true }];
    return { redis, ...(await startPlatform({ topology: 'over HTTP/2', providers, cache, policy: { firstDelayMs: 1 } })) };
  }
  const gateways = [await startGateway(), await startGateway()] as const;
  const send = async (body: object, index = 0, init: RequestInit = {}) => {
    const response = await (gateways[index % 2] ?? gateways[0]).post('/v1/chat/completions', body, init);
    const text = await response.text();
    return { status: response.status, text, cache: response.headers.get('x-prodigon-cache') };
  };
  return { ...scripted, gateways, send, release: gate.resolve, calls: () => calls };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

const count = (responses: readonly { cache: string | null }[], result: string) =>
  responses.filter(({ cache }) => cache === result).length;

describe.each([CHAT, STREAM])('two gateways with one Redis', (body) => {
  it('call the model once for 50 concurrent requests', async () => {
    const { send, release, calls } = await startTwoGateways();
    const sending = Promise.all(Array.from({ length: 50 }, (_, index) => send(body, index)));
    sending.catch(() => {});
    await expect.poll(calls, WAIT).toBe(1);
    release();
    const responses = await sending;
    expect([count(responses, 'miss'), count(responses, 'hit'), calls()]).toEqual([1, 49, 1]);
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    // Afterwards, both repeat the response.
    expect((await send(body, 0)).cache).toBe('hit');
    expect((await send(body, 1)).cache).toBe('hit');
  });

  it('call the model again when the client disconnects whose request the others wait for', async () => {
    const { send, release, calls } = await startTwoGateways();
    const disconnecting = new AbortController();
    const first = send(body, 0, { signal: disconnecting.signal });
    first.catch(() => {});
    await expect.poll(calls, WAIT).toBe(1);
    const others = Promise.all(Array.from({ length: 10 }, (_, index) => send(body, index)));
    others.catch(() => {});
    disconnecting.abort();
    await expect(first).rejects.toThrow();
    await expect.poll(calls, WAIT).toBe(2);
    release();
    expect(count(await others, 'hit')).toBe(9);
    expect(calls()).toBe(2);
  });

  it('call the model again when the gateway dies whose request the others wait for', async () => {
    const { send, release, calls, gateways } = await startTwoGateways({ leaseMs: 3_000 });
    const first = send(body, 0);
    first.catch(() => {});
    await expect.poll(calls, WAIT).toBe(1);
    const others = Promise.all(Array.from({ length: 10 }, () => send(body, 1)));
    others.catch(() => {});
    // A dead gateway no longer renews its lease.
    await gateways[0].redis.close();
    await expect.poll(calls, WAIT).toBe(2);
    release();
    expect(count(await others, 'hit')).toBe(9);
    expect(calls()).toBe(2);
  });

  it('call the model for each request that waited for one that failed', async () => {
    const { send, release, respondWith, requests } = await startTwoGateways();
    const error = { status: 400, body: { error: { message: 'No.', type: 'invalid_request_error' } } };
    respondWith({ message: {}, error });
    const sending = Promise.all(Array.from({ length: 10 }, (_, index) => send(body, index)));
    release();
    expect((await sending).map(({ status }) => status)).toEqual(Array(10).fill(400));
    expect(requests).toHaveLength(10);
  });
});

it.each(['SIGKILL', 'SIGSTOP'] as const)(
  'responds without Redis after %s, and repeats responses after its return',
  async (signal) => {
    const { send, release, requests } = await startTwoGateways();
    release();
    await send(CHAT);
    expect((await send(CHAT)).cache).toBe('hit');
    await server.kill(signal);
    expect(await send(CHAT)).toMatchObject({ status: 200, cache: 'bypass' });
    expect(requests).toHaveLength(2);
    await (signal === 'SIGSTOP' ? server.kill('SIGCONT') : server.restart());
    await expect.poll(async () => (await send(CHAT)).cache, WAIT).toBe('hit');
  },
);
