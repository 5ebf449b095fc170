import { AppError, type ChatRequest } from '@prodigon/contracts';
import type { CallContext, Completion, KeyDirectory, ModelClient, ModelStream, ResponseCache } from '@prodigon/ports';
import { createMemoryResponseCache } from '@prodigon/storage/cache';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createCachedModelClient } from './cached-model-client.ts';

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const REQUEST: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], temperature: 1, seed: 1 };
const OPTIONS = { format: 'tokens', generationId: 'gen-1' } as const;

function contextOf(fields: Partial<CallContext> = {}): CallContext {
  const deadline = performance.now() + 600_000;
  return { requestId: 'r', traceparent: '', principal: { id: 'ada' }, deadline, signal: new AbortController().signal, ...fields };
}

interface SetUp {
  /** The text of each response. */
  respond?: (request: ChatRequest, context: CallContext, call: number) => string | Promise<string>;
  /** The model that responds. */
  responder?: string;
  cache?: ResponseCache;
  isOffline?: boolean;
  rights?: Record<string, string[] | null>;
}

/** Creates a client whose model responds with the owner of the request and the number of the call. */
function setUp({ respond, responder = 'm', isOffline = false, rights, ...options }: SetUp = {}) {
  let calls = 0;
  const textOf = async (request: ChatRequest, context: CallContext) => {
    calls += 1;
    return respond ? respond(request, context, calls) : `${context.principal.id} ${calls}`;
  };
  const metadata = { provider: 'p', attempts: [], warning: null, rateLimits: null };
  const model = {
    async complete(request: ChatRequest, context: CallContext) {
      const text = await textOf(request, context);
      const body = JSON.stringify({ choices: [{ message: { content: text }, finish_reason: 'stop' }] });
      return { ...metadata, model: responder, body, text, finish: 'stop', usage: USAGE, estimated: false, costUsd: 1 };
    },
    async stream(request: ChatRequest, context: CallContext) {
      const text = await textOf(request, context);
      const { promise: outcome, resolve } = Promise.withResolvers();
      async function* bytes() {
        let status = 'cancelled';
        try {
          for (const part of text.split(' ')) yield Buffer.from(`data: ${JSON.stringify(part)}\n\n`);
          status = 'completed';
        } finally {
          const finish = status === 'completed' ? 'stop' : null;
          resolve({
            status,
            finish,
            usage: USAGE,
            estimated: false,
            costUsd: 1,
            timings: { ttftMs: 1, totalMs: 1 },
            sequence: 0,
          });
        }
      }
      return { ...metadata, model: responder, outcome, bytes, events: bytes };
    },
  } as unknown as ModelClient;
  const keys = rights && {
    findValid: (id: string) => (id in rights ? { models: rights[id] } : null),
    chainOf: (key: unknown) => [key],
  };
  const results: string[] = [];
  const client = createCachedModelClient({
    model,
    cache: options.cache ?? createMemoryResponseCache({ ttlMs: 60_000, bytesMax: 8 << 20 }),
    catalog: {
      async resolve(name) {
        if (name === 'unknown') throw new AppError('UNKNOWN_MODEL');
        return {
          id: name === 'alias' ? 'm' : ((name ?? 'm').split('?', 1)[0] as string),
          model: name === 'alias' ? 'm' : (name ?? 'm'),
          isOffline,
          contextTokens: null,
          outputTokensMax: null,
          warning: null,
        };
      },
    },
    keys: keys as unknown as KeyDirectory,
    onResult: (result) => void results.push(result),
  });
  const complete = async (fields: Partial<ChatRequest> = {}, context: Partial<CallContext> = {}) => {
    const { text, cache } = await client.complete({ ...REQUEST, ...fields }, contextOf(context));
    return { text, cache };
  };
  return { client, complete, results, calls: () => calls };
}

async function readAll({ bytes }: ModelStream): Promise<string> {
  let text = '';
  for await (const frames of bytes()) text += Buffer.from(frames).toString();
  return text;
}

it('never repeats a response to another owner', async () => {
  const { client, complete } = setUp();
  for (const id of ['ada', 'bob', 'ada ', 'Ada', '']) {
    const principal = { id };
    expect(await complete({}, { principal })).toMatchObject({ cache: 'miss', text: expect.stringMatching(`^${id} \\d$`) });
    const stream = await client.stream(REQUEST, contextOf({ principal }), OPTIONS);
    expect(await readAll(stream)).toContain(JSON.stringify(id.split(' ')[0]));
  }
  expect(await complete({}, { principal: { id: 'bob' } })).toEqual({ cache: 'hit', text: 'bob 3' });
});

it.each<[string, Record<string, unknown>]>([
  ['temperature', { temperature: 0.5 }],
  ['seed', { seed: 2 }],
  ['n', { n: 2 }],
  ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
  ['response_format', { response_format: { type: 'json_object' } }],
  ['an unknown field', { min_tokens: 5 }],
  ['an empty field', { stop: null }],
  ['a message', { messages: [...REQUEST.messages, { role: 'user', content: 'Hi' }] }],
  ['the role of a message', { messages: [{ role: 'system', content: 'Hi' }] }],
  ['the model', { model: 'other' }],
  ['parameters of the model', { model: 'm?seed=1' }],
])('calls the model for a request that differs by %s', async (_name, fields) => {
  const { complete } = setUp({ responder: (fields.model as string | undefined)?.split('?')[0] ?? 'm' });
  await complete();
  expect((await complete(fields)).cache).toBe('miss');
  expect((await complete(fields)).cache).toBe('hit');
});

it('distinguishes the order of properties in a schema, which models follow', async () => {
  const { complete } = setUp();
  const format = (properties: object) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { properties } } },
  });
  await complete(format({ a: {}, b: {} }));
  expect((await complete(format({ b: {}, a: {} }))).cache).toBe('miss');
});

it('repeats responses to requests that differ by an alias and the order of their fields', async () => {
  const { client, complete } = setUp();
  await complete();
  const reordered = Object.fromEntries(Object.entries({ ...REQUEST, model: 'alias' }).reverse()) as ChatRequest;
  expect((await client.complete(reordered, contextOf())).cache).toBe('hit');
});

it('separates completions from streams and their formats', async () => {
  const { client, complete, calls } = setUp();
  await complete();
  for (const format of ['tokens', 'events', 'chunks'] as const)
    await readAll(await client.stream(REQUEST, contextOf(), { ...OPTIONS, format }));
  expect(calls()).toBe(4);
});

it.each([
  [true, 'miss'],
  [false, 'hit'],
])('separates the hosts of links only for offline models: %s', async (isOffline, expected) => {
  const { complete } = setUp({ isOffline });
  await complete({}, { linkBase: 'http://one.example' });
  expect((await complete({}, { linkBase: 'http://two.example' })).cache).toBe(expected);
});

it('repeats a response only to keys of the owner with the same rights', async () => {
  const { complete } = setUp({ rights: { one: null, two: null, limited: ['m'] } });
  const send = async (keyId: string) => (await complete({}, { principal: { id: 'ada', keyId } })).cache;
  expect(await send('one')).toBe('miss');
  expect(await send('two')).toBe('hit');
  expect(await send('limited')).toBe('miss');
  expect(await send('revoked')).toBe('bypass');
});

it('does not store the response of a fallback', async () => {
  const { complete } = setUp({ responder: 'fallback' });
  for (const _ of [1, 2]) expect((await complete()).cache).toBe('miss');
});

it('does not store a response that exceeds the limit', async () => {
  const { client, complete, calls } = setUp({ respond: () => 'x'.repeat(1 << 20) });
  for (const _ of [1, 2]) {
    await complete();
    await readAll(await client.stream(REQUEST, contextOf(), OPTIONS));
  }
  expect(calls()).toBe(4);
});

it('does not store a stream whose reader stops early', async () => {
  const { client, results } = setUp();
  for await (const _ of (await client.stream(REQUEST, contextOf(), OPTIONS)).bytes()) break;
  expect(await readAll(await client.stream(REQUEST, contextOf(), OPTIONS))).toBe('data: "ada"\n\ndata: "2"\n\n');
  expect(results).toEqual(['miss', 'miss']);
});

it('cancels a repeated stream when the caller aborts', async () => {
  const { client } = setUp();
  await readAll(await client.stream(REQUEST, contextOf(), OPTIONS));
  const caller = new AbortController();
  const stream = await client.stream(REQUEST, contextOf({ signal: caller.signal }), OPTIONS);
  caller.abort(new AppError('CANCELLED'));
  await expect(readAll(stream)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await stream.outcome).toMatchObject({ status: 'cancelled', finish: null, costUsd: 0 });
});

it('costs nothing and calls no provider when it repeats a response', async () => {
  const { client } = setUp();
  await client.complete(REQUEST, contextOf());
  const hit: Completion = await client.complete(REQUEST, contextOf());
  expect(hit).toMatchObject({ cache: 'hit', costUsd: 0, attempts: [], usage: USAGE, rateLimits: null, finish: 'stop' });
});

it('calls the model once for concurrent requests', async () => {
  const gate = Promise.withResolvers<string>();
  const { complete, calls } = setUp({ respond: () => gate.promise });
  const sending = Array.from({ length: 50 }, () => complete());
  gate.resolve('Hello');
  const responses = await Promise.all(sending);
  expect(responses.filter(({ cache, text }) => cache === 'hit' && text === 'Hello')).toHaveLength(49);
  expect(calls()).toBe(1);
});

it('calls the model concurrently for all requests that waited for one that failed', async () => {
  const first = Promise.withResolvers<string>();
  const all = Promise.withResolvers<string>();
  const { complete, calls } = setUp({
    respond: (_request, _context, call) => {
      if (call === 1) return first.promise;
      // None of them waits for the response of another.
      if (call === 10) all.resolve('Hello');
      return all.promise;
    },
  });
  const sending = Promise.allSettled(Array.from({ length: 10 }, () => complete()));
  first.reject(new AppError('RATE_LIMITED'));
  const results = await sending;
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(calls()).toBe(10);
});

it('bypasses a cache that cannot be reached, and an unknown model', async () => {
  const cache: ResponseCache = {
    responseBytesMax: 1_000,
    lookup: async () => ({ result: 'unavailable' }),
    store: async () => {},
  };
  expect((await setUp({ cache }).complete()).cache).toBe('bypass');
  expect((await setUp().complete({ model: 'unknown' })).cache).toBe('bypass');
});

it('lets identical requests call the model when the reader of the first one stops reading', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { client } = setUp({ respond: (_request, _context, call) => `${call} ${call} ${call}` });
  const first = await client.stream(REQUEST, contextOf(), OPTIONS);
  const reader = first.bytes()[Symbol.asyncIterator]();
  await reader.next();
  let cache: unknown = 'waiting';
  const second = client.stream(REQUEST, contextOf(), OPTIONS).then((stream) => {
    cache = stream.cache;
  });
  await vi.advanceTimersByTimeAsync(4_000);
  await reader.next();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(cache).toBe('waiting');
  await vi.advanceTimersByTimeAsync(1);
  await second;
  expect(cache).toBe('miss');
});
