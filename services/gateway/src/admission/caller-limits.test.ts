import type { ApiKeyLimits } from '@prodigon/contracts';
import type { CallScope } from '@prodigon/platform';
import type { KeyDirectory, KeyRecord, StreamLimiter } from '@prodigon/ports';
import { createMemoryLimits, createMemoryRateLimiter } from '@prodigon/storage';
import { describe, expect, it, vi } from 'vitest';
import type { PlatformOptions } from '../gateway-harness.test-support.ts';
import { STREAM, startWithFaults } from '../generation/generation.test-support.ts';
import { createCallerLimits } from './caller-limits.ts';

const GENERATE = '/api/v1/generate';
const CHAT = '/v1/chat/completions';
const HI = { prompt: 'Hi', model: 'healthy', max_tokens: 100 };
const NO_LIMITS: ApiKeyLimits = { requests_per_min: null, tokens_per_min: null, streams: null };
const CHAT_HI = { messages: [{ role: 'user', content: 'Hi' }], model: 'healthy', max_tokens: 100 };

/** Starts a platform whose limits use a clock that only the test advances. */
async function startWithLimits(ownerLimits: Partial<ApiKeyLimits>, options: Partial<PlatformOptions> = {}) {
  const clock = { nowMs: 0 };
  const limiters = { ...createMemoryLimits(), rates: createMemoryRateLimiter({ now: () => clock.nowMs }) };
  const platform = await startWithFaults('in one process', { ownerLimits, limiters, ...options });
  const limitHeaders = (response: Response) =>
    Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('x-ratelimit-')));
  return { ...platform, clock, limitHeaders };
}

describe('limits of requests per minute', () => {
  it('reject with 429, Retry-After and a sentence that names the limit and its owner', async () => {
    const { post, clock, provider, limitHeaders } = await startWithLimits({ requests_per_min: 2 });
    const first = await post(GENERATE, HI);
    expect([first.status, limitHeaders(first)]).toEqual([
      200,
      { 'x-ratelimit-limit-requests': '2', 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': '30s' },
    ]);
    await post(GENERATE, HI);

    const rejected = await post(GENERATE, HI);
    expect([rejected.status, rejected.headers.get('retry-after'), limitHeaders(rejected)]).toEqual([
      429,
      '30',
      { 'x-ratelimit-limit-requests': '2', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m0s' },
    ]);
    expect((await rejected.json()).error).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'The owner "local" has reached its limit of 2 requests per minute.',
    });
    expect(provider.calls).toHaveLength(2);

    clock.nowMs += 30_000;
    expect((await post(GENERATE, HI)).status).toBe(200);
  });

  it('start anew when they change', async () => {
    const rates = createMemoryRateLimiter({ now: () => 0 });
    const key = { id: 'key', name: 'batch', limits: { ...NO_LIMITS, requests_per_min: 1 } };
    const keys = { findValid: () => key, chainOf: () => [key] } as unknown as KeyDirectory;
    const limits = createCallerLimits({ ...createMemoryLimits(), rates, keys, ownerLimits: NO_LIMITS });
    const reported: Record<string, string>[] = [];
    const scope: CallScope = { setHeaders: (headers) => void reported.push(headers), onEnd: () => {} };
    const enforce = () => limits.enforce(scope, { id: 'ada', keyId: 'key' }, { isStream: false, estimateTokens: null });
    await enforce();
    await expect((async () => enforce())()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    key.limits.requests_per_min = 60;
    await enforce();
    expect(reported.at(-1)).toMatchObject({ 'x-ratelimit-remaining-requests': '59' });
  });

  it('reject in the format of OpenAI on its paths', async () => {
    const { post } = await startWithLimits({ requests_per_min: 1 });
    await post(CHAT, CHAT_HI);
    const rejected = await post(CHAT, CHAT_HI);
    expect([rejected.status, (await rejected.json()).error]).toMatchObject([
      429,
      { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    ]);
  });

  it.each([
    [GENERATE, HI],
    [STREAM, HI],
    [CHAT, CHAT_HI],
    [CHAT, { ...CHAT_HI, stream: true }],
    ['/v1/responses', { input: 'Hi', model: 'healthy' }],
    ['/v1/responses', { input: 'Hi', model: 'healthy', stream: true }],
    ['/v1/embeddings', { input: 'Hi', model: 'healthy' }],
    ['/api/v1/jobs', { prompts: ['Hi'] }],
  ])('reject POST %s with %j before any other work', async (path, body) => {
    const { post, provider } = await startWithLimits({ requests_per_min: 1 });
    await post(GENERATE, HI);
    expect((await post(path, body)).status).toBe(429);
    expect(provider.calls).toHaveLength(1);
  });

  it('do not count reads', async () => {
    const { url, post, limitHeaders } = await startWithLimits({ requests_per_min: 1 });
    for (let read = 0; read < 3; read++) expect((await fetch(`${url}/api/v1/models`)).status).toBe(200);
    const response = await post(GENERATE, HI);
    expect([response.status, limitHeaders(response)['x-ratelimit-limit-requests']]).toEqual([200, '1']);
  });

  it('report nothing that is not enforced', async () => {
    const { post, limitHeaders } = await startWithLimits({});
    expect(limitHeaders(await post(CHAT, { ...CHAT_HI, model: 'ratelimit_headers' }))).toEqual({});
  });
});

describe('limits of tokens per minute', () => {
  const remaining = (response: Response) => Number(response.headers.get('x-ratelimit-remaining-tokens'));
  /** Of the prompt `Hi`. */
  const PROMPT_TOKENS = 1;

  it('reserve the prompt and the maximum output before, and count the real usage after', async () => {
    const { post } = await startWithLimits({ tokens_per_min: 10_000 });
    const response = await post(GENERATE, HI);
    const { usage } = await response.json();
    expect(remaining(response)).toBe(10_000 - PROMPT_TOKENS - 100);
    expect(remaining(await post(GENERATE, HI))).toBe(10_000 - usage.total_tokens - PROMPT_TOKENS - 100);
  });

  it('count the real usage of streams', async () => {
    const { post } = await startWithLimits({ tokens_per_min: 10_000 });
    const stream = await post(STREAM, HI, { headers: { 'x-stream-version': '2' } });
    const [, usage] = /"total_tokens":(\d+)/.exec(await stream.text()) ?? [];
    await vi.waitFor(async () => {
      const probe = await post(GENERATE, { ...HI, model: 'status_400', max_tokens: 1 });
      expect(remaining(probe)).toBe(10_000 - Number(usage) - PROMPT_TOKENS - 1);
    });
  });

  it('give the reservation of a failed request back', async () => {
    const { post } = await startWithLimits({ tokens_per_min: 10_000 });
    for (const model of ['status_400', 'status_401'])
      expect((await post(GENERATE, { ...HI, model })).status).toBeGreaterThan(399);
    expect(remaining(await post(GENERATE, HI))).toBe(10_000 - PROMPT_TOKENS - 100);
  });

  it('count what a client that disconnects has received, and give the rest back', async () => {
    const { post } = await startWithLimits({ tokens_per_min: 10_000 });
    const disconnecting = new AbortController();
    const stream = await post(STREAM, { ...HI, model: 'stall', max_tokens: 5_000 }, { signal: disconnecting.signal });
    await stream.body?.getReader().read();
    const probe = () => post(GENERATE, { ...HI, model: 'status_400', max_tokens: 1 });
    expect(remaining(await probe())).toBe(10_000 - 5_001 - 2);

    disconnecting.abort();
    await vi.waitFor(async () => {
      const left = remaining(await probe());
      expect(left).toBeGreaterThan(9_000);
      expect(left).toBeLessThan(10_000 - 2);
    });
  });

  it.each([GENERATE, STREAM])(
    'keep the reservation of a client that disconnects from %s before the first token',
    async (path) => {
      const { post, provider } = await startWithLimits({ tokens_per_min: 10_000 });
      const disconnecting = new AbortController();
      const response = post(path, { ...HI, model: 'hang', max_tokens: 5_000 }, { signal: disconnecting.signal });
      await vi.waitFor(() => expect(provider.calls).toHaveLength(1));
      disconnecting.abort();
      await response.then((opened) => opened.text()).catch(() => {});
      await provider.calls[0]?.disconnected;
      expect(remaining(await post(GENERATE, { ...HI, model: 'status_400' }))).toBeLessThan(5_000);
    },
  );

  it('make later requests wait for a request that used more than it had reserved', async () => {
    const { post, clock } = await startWithLimits({ tokens_per_min: 60 });
    const response = await post(GENERATE, { ...HI, max_tokens: 1 });
    const used = (await response.json()).usage.total_tokens;
    const rejected = await post(GENERATE, { ...HI, max_tokens: 59 });
    expect(rejected.status).toBe(429);
    expect(Number(rejected.headers.get('retry-after'))).toBe(used);
    expect((await rejected.json()).error.message).toBe('The owner "local" has reached its limit of 60 tokens per minute.');
    clock.nowMs += used * 1_000;
    expect((await post(GENERATE, { ...HI, max_tokens: 59 })).status).toBe(200);
  });

  it('apply to no job', async () => {
    const { post, limitHeaders } = await startWithLimits({ tokens_per_min: 1 });
    const response = await post('/api/v1/jobs', { prompts: ['Hi'] });
    expect([response.status === 429, limitHeaders(response)]).toEqual([false, {}]);
  });
});

describe('limits of concurrent streams', () => {
  it('reject one more stream, but no whole response, until a stream ends', async () => {
    const { post, limitHeaders } = await startWithLimits({ streams: 2 });
    const open = [1, 2].map(() => new AbortController());
    for (const { signal } of open) await post(STREAM, { ...HI, model: 'stall' }, { signal });
    const rejected = await post(CHAT, { ...CHAT_HI, stream: true });
    expect([rejected.status, rejected.headers.get('retry-after'), (await rejected.json()).error.message]).toEqual([
      429,
      '1',
      'The owner "local" has reached its limit of 2 concurrent streams. Retry when one of them ends.',
    ]);
    expect(limitHeaders(rejected)).toEqual({ 'x-ratelimit-limit-streams': '2', 'x-ratelimit-remaining-streams': '0' });
    expect((await post(GENERATE, HI)).status).toBe(200);
    open[0]?.abort();
    await vi.waitFor(async () => expect((await post(STREAM, HI)).status).toBe(200));
    open[1]?.abort();
  });

  it('stop counting a stream that a limit of requests rejects', async () => {
    const { post, clock } = await startWithLimits({ streams: 1, requests_per_min: 1 });
    await (await post(STREAM, HI)).text();
    for (let request = 0; request < 3; request++) {
      await vi.waitFor(async () => expect((await (await post(STREAM, HI)).json()).error.message).toMatch(/requests? per minute/));
    }
    clock.nowMs += 60_000;
    await vi.waitFor(async () => expect((await post(STREAM, HI)).status).toBe(200));
  });
});

describe('limits of keys', () => {
  const keyOf = (id: string, limits: Partial<ApiKeyLimits>, parentId: string | null = null) =>
    ({ id, name: `name of ${id}`, parentId, limits: { ...NO_LIMITS, ...limits } }) as KeyRecord;

  /** Returns a function that sends a request of `ada` with a key, and returns its headers or the message of its error. */
  function createCaller(keys: readonly KeyRecord[], ownerLimits: Partial<ApiKeyLimits> = {}, gateways = 1) {
    const byId = new Map(keys.map((key) => [key.id, key]));
    const directory: Pick<KeyDirectory, 'findValid' | 'chainOf'> = {
      findValid: (id) => byId.get(id) ?? null,
      chainOf: (key) => [key, byId.get(key.parentId ?? '')].filter((each) => each !== undefined),
    };
    const limits = createCallerLimits({
      ...createMemoryLimits({ gateways }),
      keys: directory,
      ownerLimits: { ...NO_LIMITS, ...ownerLimits },
    });
    return (keyId?: string, isStream = false) => {
      const headers: Record<string, string> = {};
      const scope: CallScope = { setHeaders: (added) => void Object.assign(headers, added), onEnd: () => {} };
      try {
        limits.enforce(scope, { id: 'ada', keyId }, { estimateTokens: () => 10, isStream });
        return headers;
      } catch (thrown) {
        return (thrown as Error).message;
      }
    };
  }
  const requestLimit = (limit: number, remaining: number) =>
    expect.objectContaining({
      'x-ratelimit-limit-requests': String(limit),
      'x-ratelimit-remaining-requests': String(remaining),
    });

  it('replace the limit of the platform and count for each key', () => {
    const call = createCaller([keyOf('a', { requests_per_min: 5 }), keyOf('b', { requests_per_min: 5 }), keyOf('c', {})], {
      requests_per_min: 3,
    });
    expect([call('a'), call('a'), call('b')]).toEqual([requestLimit(5, 4), requestLimit(5, 3), requestLimit(5, 4)]);
    expect([call('c'), call(), call('unknown')]).toEqual([requestLimit(3, 2), requestLimit(3, 1), requestLimit(3, 0)]);
    expect(call('c')).toBe('The owner "ada" has reached its limit of 3 requests per minute.');
  });

  it('count the requests of a key towards the limit of the key that created it', () => {
    const parent = keyOf('parent', { requests_per_min: 3 });
    const call = createCaller([parent, keyOf('child', { requests_per_min: 2 }, 'parent'), keyOf('other', {}, 'parent')], {
      requests_per_min: 1,
    });
    expect([call('child'), call('other'), call('other')]).toEqual([requestLimit(2, 1), requestLimit(3, 1), requestLimit(3, 0)]);
    expect(call('child')).toContain('The key "name of parent" has reached its limit of 3 requests per minute.');
  });

  it('apply to each unit of its own', () => {
    const call = createCaller([keyOf('a', { tokens_per_min: 15, streams: 1 })]);
    expect(call('a', true)).toEqual({
      'x-ratelimit-limit-tokens': '15',
      'x-ratelimit-remaining-tokens': '5',
      'x-ratelimit-reset-tokens': '40s',
    });
    expect(call('a', true)).toContain('The key "name of a" has reached its limit of 1 concurrent stream.');
    expect(call('a')).toContain('The key "name of a" has reached its limit of 15 tokens per minute.');
  });

  it('name the share that one of several gateways enforces', () => {
    const call = createCaller([], { requests_per_min: 3 }, 2);
    expect(call()).toEqual(requestLimit(1, 0));
    expect(call()).toContain('The owner "ada" has reached its limit of 1 request per minute on this gateway.');
  });
});

describe('limits over a network', () => {
  it('reject, count and settle as those in memory do', async () => {
    const memory = createMemoryLimits();
    const decided: Promise<unknown>[] = [];
    const later = <Value>(value: Value | Promise<Value>): Promise<Value> => {
      const promise = new Promise(setImmediate).then(() => value);
      decided.push(promise);
      return promise;
    };
    const limiters: PlatformOptions['limiters'] = {
      rates: { take: (demands) => later(memory.rates.take(demands)) },
      streams: { acquire: (demands) => later(memory.streams.acquire(demands)) },
    };
    const ownerLimits = { requests_per_min: 3, tokens_per_min: 10_000, streams: 1 };
    const { post } = await startWithLimits(ownerLimits, { limiters });
    const disconnecting = new AbortController();
    const stream = await post(STREAM, { ...HI, model: 'stall' }, { signal: disconnecting.signal });
    expect([stream.status, (await post(STREAM, HI)).status]).toEqual([200, 429]);
    disconnecting.abort();
    await vi.waitFor(async () => {
      const response = await post(STREAM, HI);
      expect(response.status).toBe(200);
      await response.text();
    });
    expect((await post(GENERATE, HI)).status).toBe(200);
    expect((await (await post(GENERATE, HI)).json()).error.message).toMatch(/requests? per minute/);
    expect(decided.length).toBeGreaterThan(5);
  });

  it('end a stream whose client disconnected while they decided', async () => {
    const memory = createMemoryLimits();
    const { promise: held, resolve: decide } = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const streams: StreamLimiter = {
      async acquire(demands) {
        asked.resolve();
        await held;
        return memory.streams.acquire(demands);
      },
    };
    const limiters = { rates: memory.rates, streams };
    const { post, gatewayMetrics } = await startWithLimits({ streams: 1 }, { limiters });
    const disconnecting = new AbortController();
    const response = post(STREAM, { ...HI, model: 'stall' }, { signal: disconnecting.signal });
    await asked.promise;
    disconnecting.abort();
    await response.catch(() => {});
    await vi.waitFor(async () => expect((await gatewayMetrics.activeGenerations.get()).values[0]?.value).toBe(0));
    decide();
    await vi.waitFor(async () => expect((await post(STREAM, HI)).status).toBe(200));
  });
});
