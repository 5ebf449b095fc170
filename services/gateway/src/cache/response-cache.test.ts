import { createMemoryResponseCache } from '@prodigon/storage/cache';
import { describe, expect, it } from 'vitest';
import { startPlatform, type Topology } from '../gateway-harness.test-support.ts';
import { type ScriptedCompletion, startCompletionProvider } from '../openai/completion-provider.test-support.ts';

const TOPOLOGIES: Topology[] = ['in one process', 'over HTTP/2'];
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'What is a token?' }], temperature: 1 };
const TYPED = { 'x-stream-version': '2' };

interface Endpoint {
  path: string;
  body: Record<string, unknown>;
  headers?: Record<string, string>;
}
const ENDPOINTS: Record<string, Endpoint> = {
  'a completion': { path: '/api/v1/generate', body: { prompt: 'What is a token?', model: 'm' } },
  'a stream of tokens': { path: '/api/v1/generate/stream', body: { prompt: 'What is a token?', model: 'm' } },
  'a stream of typed events': {
    path: '/api/v1/generate/stream',
    body: { prompt: 'What is a token?', model: 'm' },
    headers: TYPED,
  },
  'a chat completion': { path: '/v1/chat/completions', body: CHAT },
  'a stream of chunks': {
    path: '/v1/chat/completions',
    body: { ...CHAT, stream: true, stream_options: { include_usage: true } },
  },
  'a response': { path: '/v1/responses', body: { model: 'm', input: 'What is a token?' } },
  'a stream of response events': { path: '/v1/responses', body: { model: 'm', input: 'What is a token?', stream: true } },
};
const HELLO: ScriptedCompletion = {
  message: { content: 'Hello "quotes"\n\ndata: [DONE]\n\n👩‍🚀', reasoning_content: 'Why not?' },
};
const CALL: ScriptedCompletion = {
  message: {
    content: 'Let me look.',
    tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'f', arguments: '{}' } }],
  },
  // Some providers report the wrong reason.
  finish: 'stop',
};

async function start(topology: Topology, completion = HELLO, { ttlMs = 60_000 } = {}) {
  const scripted = await startCompletionProvider();
  scripted.respondWith(completion);
  const cache = createMemoryResponseCache({ ttlMs, bytesMax: 64 << 20 });
  const providers = [{ endpoints: [scripted.provider], acceptsOtherIds: true }];
  const platform = await startPlatform({ topology, providers, cache });
  const send = async ({ path, body, headers = {} }: Endpoint, more: Record<string, string> = {}) => {
    const response = await platform.post(path, body, { headers: { ...headers, ...more } });
    const text = await response.text();
    return { status: response.status, text, cache: response.headers.get('x-prodigon-cache'), headers: response.headers };
  };
  const results = async () => {
    const { values } = await platform.gatewayMetrics.cacheRequests.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.result, value]));
  };
  return { ...platform, ...scripted, send, results };
}

/** Replaces what differs between two equal responses: ids, times and the result of the cache. */
const normalize = (text: string) =>
  text
    .replace(/[\da-f]{8}-?[\da-f]{4}-?[47][\da-f]{3}-?[\da-f]{4}-?[\da-f]{12}/g, 'ID')
    .replace(/"(latency_ms|ttft_ms|created_at|completed_at)":[\d.]+/g, '"$1":0')
    .replace(/"attempts":\d,"cache":"\w+"/, '"attempts":0')
    .replace(/"cost_usd":(?:null|0)/, '"cost_usd":0');
const endpoints = Object.entries(ENDPOINTS);

describe.each(TOPOLOGIES)('response cache, model service %s', (topology) => {
  it.each(endpoints)('repeats %s without a call of the provider', async (_name, endpoint) => {
    const { send, requests, results, records, flushUsage, log } = await start(topology);
    const first = await send(endpoint);
    const second = await send(endpoint);
    expect(first.text).toContain('👩‍🚀');
    expect(normalize(second.text)).toBe(normalize(first.text));
    // A stream of typed events has no metadata in its headers.
    const isTyped = endpoint.headers === TYPED;
    expect([first.cache, second.cache]).toEqual(isTyped ? [null, null] : ['miss', 'hit']);
    expect(second.headers.get('x-prodigon-attempts')).toBe(isTyped ? null : '0');
    expect(requests).toHaveLength(1);
    expect(await results()).toEqual({ miss: 1, hit: 1 });
    // A hit is no use of a provider.
    await flushUsage();
    expect(records).toHaveLength(1);
    await expect.poll(log).toMatch(/"attempts":0,"cache":"hit"[^\n]*"cost_usd":0/);
  });

  it('gives the frames of a repeated stream their own ids', async () => {
    const { send } = await start(topology);
    const ids = (text: string) => [...text.matchAll(/^id: (.+):\d+$/gm)].map(([, id]) => id);
    const typed = ENDPOINTS['a stream of typed events'] as Endpoint;
    const [first, second] = [await send(typed), await send(typed)];
    expect(ids(second.text)).toHaveLength(ids(first.text).length);
    expect(new Set(ids(second.text)).size).toBe(1);
    expect(ids(second.text)[0]).not.toBe(ids(first.text)[0]);
    expect(second.text).toContain(`"generation_id":"${ids(second.text)[0]}"`);
    expect(second.text).toContain('"cache":"hit"');
    const requestIds = [first, second].map(({ text }) => /"request_id":"([^"]+)"/.exec(text)?.[1]);
    expect(requestIds).toEqual([first, second].map(({ headers }) => headers.get('x-request-id')));
    expect(new Set(requestIds).size).toBe(2);
  });
});

describe('response cache', () => {
  it.each(endpoints.filter(([, { path }]) => path.startsWith('/v1')))(
    'never repeats the tool calls of %s',
    async (_name, endpoint) => {
      const { send, requests } = await start('in one process', CALL);
      for (const _ of [1, 2]) expect(await send(endpoint)).toMatchObject({ status: 200, cache: 'miss' });
      expect(requests).toHaveLength(2);
    },
  );

  it.each(endpoints)('never repeats %s that a content filter ended', async (_name, endpoint) => {
    const { send, requests } = await start('in one process', { ...HELLO, finish: 'content_filter' });
    for (const _ of [1, 2]) await send(endpoint);
    expect(requests).toHaveLength(2);
  });

  it.each(endpoints)('never repeats an error or a part of %s', async (_name, endpoint) => {
    const error = { status: 400, body: { error: { message: 'No.', type: 'invalid_request_error' } } };
    const { send, requests, respondWith } = await start('in one process', { ...HELLO, error });
    expect((await send(endpoint)).text).not.toContain('Hello');
    respondWith({ ...HELLO, isCut: true });
    const cut = await send(endpoint);
    respondWith(HELLO);
    expect((await send(endpoint)).text).toContain('👩‍🚀');
    // The provider cuts only streams.
    const isStream = cut.headers.get('content-type')?.startsWith('text/event-stream');
    expect(requests).toHaveLength(isStream ? 3 : 2);
  });
});

const [CHAT_COMPLETION, STREAM] = [ENDPOINTS['a chat completion'], ENDPOINTS['a stream of chunks']] as [Endpoint, Endpoint];

it.each([CHAT_COMPLETION, STREAM])('keeps requests with no-store out of the cache', async (endpoint) => {
  const { send, requests, results } = await start('in one process');
  const noStore = { 'cache-control': 'max-age=60, No-Store' };
  expect((await send(endpoint, noStore)).cache).toBe('bypass');
  expect((await send(endpoint)).cache).toBe('miss');
  expect((await send(endpoint, noStore)).cache).toBe('bypass');
  expect(requests).toHaveLength(3);
  expect(await results()).toEqual({ bypass: 2, miss: 1 });
});

it.each([CHAT_COMPLETION, STREAM])('replaces the stored response for requests with no-cache', async (endpoint) => {
  const { send, requests, respondWith } = await start('in one process');
  await send(endpoint);
  respondWith({ message: { content: 'Newer' } });
  const newer = await send(endpoint, { 'cache-control': 'no-cache' });
  expect(newer.cache).toBe('bypass');
  expect(newer.text).toContain('New');
  const repeated = await send(endpoint);
  expect([repeated.cache, requests.length]).toEqual(['hit', 2]);
  expect(normalize(repeated.text)).toBe(normalize(newer.text));
});

it('repeats embeddings', async () => {
  const { createEmbedderProvider } = await import('@prodigon/model-providers');
  const cache = createMemoryResponseCache({ ttlMs: 60_000, bytesMax: 64 << 20 });
  const platform = await startPlatform({
    topology: 'over HTTP/2',
    providers: [{ endpoints: [createEmbedderProvider()] }],
    cache,
  });
  const embed = async (body: object) => {
    const response = await platform.post('/v1/embeddings', body);
    return [response.headers.get('x-prodigon-cache'), await response.text()];
  };
  const request = { model: 'prodigon-embed', input: ['one', 'two'] };
  const [miss, body] = await embed(request);
  expect(await embed(request)).toEqual(['hit', body]);
  expect([miss, (await embed({ ...request, encoding_format: 'base64' }))[0]]).toEqual(['miss', 'miss']);
  // Only the model service knows the default model.
  expect((await embed({ input: 'one' }))[0]).toBe('bypass');
});

it('sends no cache header without a cache', async () => {
  const scripted = await startCompletionProvider();
  const platform = await startPlatform({
    topology: 'in one process',
    providers: [{ endpoints: [scripted.provider], acceptsOtherIds: true }],
  });
  const response = await platform.post(CHAT_COMPLETION.path, CHAT_COMPLETION.body);
  expect(response.headers.has('x-prodigon-cache')).toBe(false);
});
