import { AppError } from '@prodigon/contracts';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createHttpClient, GatewayConnectionError, isGatewayUnreachable, toQueryString } from './http-client.ts';
import { streamChunks } from './raw-events.ts';

type Responder = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

function setUp(respond: Responder, apiKey?: () => string | undefined) {
  const fetch = vi.fn(respond);
  return { fetch, http: createHttpClient({ baseUrl: 'http://gateway', fetch, ...(apiKey && { apiKey }) }) };
}
const respondWith = (body: BodyInit | null, init?: ResponseInit) => setUp(async () => new Response(body, init));
const failWith = (error: unknown) => setUp(() => Promise.reject(error));
const errorOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

/** A body that yields its chunks and then fails, or stays open. */
function createBody(chunks: string[], error?: Error) {
  const cancel = vi.fn();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk !== undefined) controller.enqueue(new TextEncoder().encode(chunk));
        else if (error) controller.error(error);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
  return { body, cancel };
}

describe('a request to the gateway', () => {
  it('sends the current key, and no Authorization header without one', async () => {
    const keys = ['one', undefined, ''];
    const { fetch, http } = setUp(
      async () => new Response('{}'),
      () => keys.shift(),
    );
    for (let call = 0; call < 3; call += 1) await http.call('/path', { method: 'POST', headers: { 'x-more': '1' } });
    const headers = fetch.mock.calls.map(([, init]) => Object.fromEntries(new Headers(init?.headers)));
    expect(headers).toEqual([{ authorization: 'Bearer one', 'x-more': '1' }, { 'x-more': '1' }, { 'x-more': '1' }]);
    expect(fetch.mock.calls[0]).toMatchObject(['http://gateway/path', { method: 'POST', signal: null }]);
  });

  it('uses the global fetch, looked up at each call', async () => {
    const http = createHttpClient({ baseUrl: 'http://gateway' });
    const replaced = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('{"a":1}'));
    expect(await http.json('/path', z.object({ a: z.number() }), {})).toEqual({ a: 1 });
    expect(replaced).toHaveBeenCalledOnce();
    replaced.mockRestore();
  });

  it('reports that a proxy rejected a large body', async () => {
    const error = await errorOf(respondWith('<html>413</html>', { status: 413 }).http.call('/path', {}));
    expect(error).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: 'A proxy in front of the gateway rejects bodies of this size.',
    });
  });

  it('throws that the gateway is unreachable when no response arrives', async () => {
    const cause = new TypeError('fetch failed');
    const error = await errorOf(failWith(cause).http.call('/path', {}));
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'unreachable', cause });
    expect(isGatewayUnreachable(error)).toBe(true);
  });

  it('throws that the response was interrupted when its body breaks', async () => {
    const cause = new Error('reset');
    const { http } = respondWith(createBody(['{'], cause).body);
    const error = await errorOf(http.json('/path', z.unknown(), {}));
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'interrupted', cause });
    expect(isGatewayUnreachable(error)).toBe(false);
  });

  it.each([
    ['before the response', () => failWith(new Error('aborted by fetch'))],
    ['during the body', () => respondWith(createBody([], new Error('aborted by fetch')).body)],
  ])('throws the reason of a signal that aborts %s', async (_case, create) => {
    const reason = new Error('stopped');
    const { http } = create();
    expect(await errorOf(http.json('/path', z.unknown(), { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it('is only unreachable when the connection failed, not for an error of the gateway', () => {
    expect(isGatewayUnreachable(new AppError('SERVICE_UNAVAILABLE'))).toBe(false);
    expect(isGatewayUnreachable(new GatewayConnectionError('idle', 'It stopped.'))).toBe(false);
  });
});

describe('an error of the gateway', () => {
  const body = JSON.stringify({
    error: { code: 'RATE_LIMITED', message: 'Later.', request_id: 'r', details: [{ path: 'a', message: 'b' }] },
  });
  const errorWith = (headers: Record<string, string>) =>
    errorOf(respondWith(body, { status: 429, headers }).http.call('/path', {}));

  it('has its code, message and details', async () => {
    expect(await errorWith({})).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Later.',
      details: [{ path: 'a', message: 'b' }],
    });
  });

  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('with the headers %j may be retried after %s seconds', async (headers, seconds) => {
    expect((await errorWith(headers as Record<string, string>)) as AppError).toHaveProperty('retryAfterSeconds', seconds);
  });

  it.each([
    ['true', true],
    ['false', false],
    [undefined, true],
  ])('with X-Should-Retry %s is retryable: %s', async (value, retryable) => {
    expect(await errorWith(value === undefined ? {} : { 'x-should-retry': value })).toHaveProperty('retryable', retryable);
  });

  it.each([
    [502, 'INFERENCE_ERROR'],
    [503, 'SERVICE_UNAVAILABLE'],
    [504, 'DEADLINE_EXCEEDED'],
    [505, 'INFERENCE_ERROR'],
  ])('with status %i and the body of a proxy is %s', async (status, code) => {
    const error = await errorOf(respondWith('<html>', { status }).http.call('/path', {}));
    const message = `Another program, or a proxy in front of the gateway, responds at http://gateway (status ${status}).`;
    expect(error).toMatchObject({ code, message });
  });

  it('names another program when a success has a page instead of JSON', async () => {
    const foreign = { code: 'INFERENCE_ERROR', retryable: false, message: expect.stringMatching(/^Another program/) };
    expect(await errorOf(respondWith('It works!').http.json('/path', z.unknown(), {}))).toMatchObject(foreign);
    const { body, cancel } = createBody(['<html>']);
    const { http } = respondWith(body, { headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(await errorOf(http.bytes('/path', {}).next())).toMatchObject(foreign);
    expect(cancel).toHaveBeenCalledOnce();
  });
});

describe('a body that is read as it arrives', () => {
  it('calls onOpen when the headers have arrived, and ends with the body', async () => {
    const onOpen = vi.fn();
    const { http } = respondWith('a body');
    const bytes = http.bytes('/path', {}, onOpen);
    expect(onOpen).not.toHaveBeenCalled();
    expect(await new Response((await bytes.next()).value).text()).toBe('a body');
    expect(onOpen).toHaveBeenCalledOnce();
    expect((await bytes.next()).done).toBe(true);
    const empty = respondWith(null, { status: 204 }).http.bytes('/path', {});
    expect((await empty.next()).done).toBe(true);
  });

  it('is cancelled when the reader stops early', async () => {
    const { body, cancel } = createBody(['first', 'second']);
    for await (const _ of respondWith(body).http.bytes('/path', {})) break;
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('throws that the response was interrupted after the chunks that arrived', async () => {
    const cause = new Error('reset');
    const bytes = respondWith(createBody(['first'], cause).body).http.bytes('/path', {});
    expect(Buffer.from((await bytes.next()).value ?? []).toString()).toBe('first');
    expect(await errorOf(bytes.next())).toMatchObject({ reason: 'interrupted', cause });
  });

  it('throws an error of the consumer unchanged', async () => {
    const own = new Error('of the consumer');
    const bytes = respondWith(createBody(['first', 'second']).body).http.bytes('/path', {});
    const reading = async () => {
      for await (const _ of bytes) throw own;
    };
    expect(await errorOf(reading())).toBe(own);
  });
});

describe('streamChunks', () => {
  it('cancels the body when the loop ends early, even if the body has failed', async () => {
    const { body, cancel } = createBody(['first', 'second']);
    for await (const _ of streamChunks(body)) break;
    expect(cancel).toHaveBeenCalledOnce();
    const broken = createBody([], new Error('reset'));
    expect(await errorOf(streamChunks(broken.body).next())).toEqual(new Error('reset'));
  });
});

describe('toQueryString', () => {
  it.each([
    [{}, ''],
    [{ after: undefined }, ''],
    [{ after: 0, q: 'a&b', status: '' }, '?after=0&q=a%26b&status='],
  ])('turns %j into %j', (values, query) => expect(toQueryString(values)).toBe(query));
});
