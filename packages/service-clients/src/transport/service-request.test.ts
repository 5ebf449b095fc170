import { AppError } from '@prodigon/contracts';
import { INTERNAL_HEADERS, OUTCOME_TRAILER } from '@prodigon/platform';
import { ServiceUnreachableError } from '@prodigon/ports';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  CANCELLED,
  cancelledContext,
  createContext,
  createFakeTransport,
  type FakeResponse,
} from './fake-transport.test-support.ts';
import { createServiceRequester, headerOf, type ServiceRequest } from './service-request.ts';
import type { TransportRequest, TransportResponse } from './transport.ts';

const GET: ServiceRequest = { method: 'GET', path: '/path' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

function setUp(...responses: (FakeResponse | Error)[]) {
  const transport = createFakeTransport(...responses);
  return { transport, service: createServiceRequester({ transport, internalToken: 'token', title: 'model service' }) };
}
const errorOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

describe('a request to another service', () => {
  it('carries the context of the call', async () => {
    const { service, transport } = setUp();
    const context = createContext({
      principal: { id: 'ada', role: 'admin', keyId: 'key' },
      attemptsMax: 2,
      linkBase: 'http://localhost:8000',
    });
    await service.send({ ...GET, headers: { 'x-more': '1' }, isUnary: true }, context);
    expect(transport.requests).toEqual([
      {
        method: 'GET',
        path: '/path',
        headers: {
          authorization: 'Bearer token',
          'x-request-id': 'request-1',
          traceparent: 'trace-1',
          ...{ [INTERNAL_HEADERS.principal]: 'ada', [INTERNAL_HEADERS.role]: 'admin', [INTERNAL_HEADERS.keyId]: 'key' },
          [INTERNAL_HEADERS.attemptsMax]: '2',
          [INTERNAL_HEADERS.linkBase]: 'http://localhost:8000',
          [INTERNAL_HEADERS.timeLeft]: '5000',
          'x-more': '1',
        },
        body: undefined,
        signal: context.signal,
        isRetryable: true,
        isUnary: true,
      },
    ]);
  });

  it.each([
    [100.5, '101'],
    [0.4, '1'],
    [-50, '1'],
  ])('carries the %s ms until the deadline as %s, at least one', async (timeLeftMs, header) => {
    const { service, transport } = setUp();
    await service.send(GET, createContext({ deadline: performance.now() + timeLeftMs }));
    expect(transport.requests[0]?.headers).toMatchObject({ [INTERNAL_HEADERS.timeLeft]: header });
    expect(transport.requests[0]?.headers).not.toHaveProperty(INTERNAL_HEADERS.attemptsMax);
  });

  it('sends an object as JSON, and an iterable in frames with an end mark', async () => {
    const { service, transport } = setUp();
    async function* stream() {
      yield Buffer.from('bytes');
    }
    await service.send({ method: 'POST', path: '/', body: { a: 1 } }, createContext());
    await service.send({ method: 'POST', path: '/', body: stream() }, createContext());
    const [json, framed] = transport.requests;
    expect([json?.body, json?.headers['content-type']]).toEqual(['{"a":1}', 'application/json']);
    expect(framed?.headers).not.toHaveProperty('content-type');
    const frames: Uint8Array[] = [];
    for await (const frame of (framed as TransportRequest).body as AsyncIterable<Uint8Array>) frames.push(frame);
    expect(Buffer.concat(frames).toString()).toBe('\0\0\0\x05bytes\0\0\0\0');
  });

  it('throws the error of its body, which says nothing about the service', async () => {
    const failure = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    // biome-ignore lint/correctness/useYield: a body that fails before its first chunk
    async function* body(): AsyncGenerator<Uint8Array> {
      throw failure;
    }
    const { service, transport } = setUp();
    const send = transport.send.bind(transport);
    let seen: unknown;
    transport.send = async (request) => {
      try {
        for await (const _ of request.body as AsyncIterable<Uint8Array>);
      } catch (error) {
        seen = error;
        throw error;
      }
      return send(request);
    };
    const post = { method: 'POST', path: '/' } as const;
    expect(await errorOf(service.send({ ...post, body: body() }, createContext()))).toBe(failure);
    expect(seen).not.toHaveProperty('code');
    expect(await errorOf(service.send({ ...post, body: body() }, cancelledContext()))).toBe(CANCELLED);
  });

  it('returns responses below status 300, and the JSON of their body', async () => {
    const chunks = ['{"text":"', 'é', '"}'];
    expect(await setUp({ status: 299, chunks }).service.json(GET, createContext())).toEqual({ text: 'é' });
    expect(await errorOf(setUp({ status: 300, chunks }).service.send(GET, createContext()))).toBeInstanceOf(AppError);
  });
});

describe('a service that cannot be reached', () => {
  const cause = new Error('refused');

  it.each([
    ['the connection fails', cause],
    ['the body breaks', { chunks: ['{'], bodyError: cause }],
    ['the body is not JSON', { chunks: ['<html>'] }],
  ])('is reported with a retry after one second when %s', async (_case, response) => {
    const error = await errorOf(setUp(response).service.json(GET, createContext()));
    expect(error).toBeInstanceOf(ServiceUnreachableError);
    expect(error).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'The model service cannot be reached.',
      retryAfterSeconds: 1,
    });
  });

  it('is not reported to a client that has disconnected', async () => {
    expect(await errorOf(setUp(cause).service.send(GET, cancelledContext()))).toBe(CANCELLED);
  });

  it('is reported without a delay when its response ends early', () => {
    const { service } = setUp();
    const error = service.interruptionError(createContext(), cause);
    expect(error).toBeInstanceOf(ServiceUnreachableError);
    expect(error).toMatchObject({ message: 'The model service ended the response before it was complete.', cause });
    expect(error.retryAfterSeconds).toBeUndefined();
    expect(service.interruptionError(cancelledContext(), cause)).toBe(CANCELLED);
  });
});

describe('the body of a response', () => {
  const chunks = ['{"a":', '"é"}'];
  const text = chunks.join('');
  const read = async (response: FakeResponse, context = createContext()) => {
    const { service } = setUp(response);
    let received = '';
    for await (const chunk of service.body(await service.send(GET, createContext()), context)) received += Buffer.from(chunk);
    return received;
  };
  const trailers = { [OUTCOME_TRAILER]: 'completed' };

  it.each([
    ['the bytes of its length', { headers: { 'content-length': '10' } }],
    ['an outcome', { trailers }],
  ])('is complete with %s', async (_case, end) => {
    expect(await read({ chunks, ...end })).toBe(text);
  });

  it.each<[string, FakeResponse]>([
    ['it is shorter than its length', { headers: { 'content-length': '11' } }],
    ['it is longer than its length', { headers: { 'content-length': '9' }, trailers }],
    ['it has neither a length nor an outcome', { trailers: {} }],
    ['it is empty and has neither', { chunks: [], trailers: {} }],
    ['its connection breaks', { bodyError: new Error('reset'), trailers }],
  ])('is incomplete when %s', async (_case, end) => {
    const message = 'The model service ended the response before it was complete.';
    await expect(read({ chunks, ...end })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', message });
    await expect(read({ chunks, ...end }, cancelledContext())).rejects.toBe(CANCELLED);
    // A JSON number or a completion that passes unchanged would look complete.
    const { service } = setUp({ chunks, ...end });
    expect(await errorOf(service.json(GET, createContext()))).toBeInstanceOf(ServiceUnreachableError);
  });
});

describe('an error of another service', () => {
  const details = [{ path: 'a', message: 'b' }];
  const errorWith = (code: string, headers: Record<string, string> = {}, status = 429) => {
    const body = JSON.stringify({ error: { code, message: 'No.', request_id: 'r', details } });
    return errorOf(setUp({ status, headers, chunks: [body] }).service.send(GET, createContext()));
  };

  it('keeps its code, message, details and headers', async () => {
    const headers = { 'retry-after': '7', 'x-should-retry': 'false', [INTERNAL_HEADERS.attempts]: '3' };
    expect(await errorWith('RATE_LIMITED', headers)).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'No.',
      details,
      retryAfterSeconds: 7,
      retryable: false,
      attempts: 3,
    });
  });

  it('has the defaults of its code without headers', async () => {
    const error = (await errorWith('RATE_LIMITED', { 'retry-after': 'soon' })) as AppError;
    expect([error.retryAfterSeconds, error.retryable, error.attempts]).toEqual([undefined, true, undefined]);
    expect(await errorWith('CONFLICT', { 'x-should-retry': 'true' })).toMatchObject({ retryable: true });
  });

  it('hides a rejected internal token, which the client cannot change', async () => {
    expect(await errorWith('UNAUTHENTICATED', {}, 401)).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'The services do not share one INTERNAL_TOKEN.',
    });
  });

  it('is internal when its body is unknown', async () => {
    const error = await errorOf(setUp({ status: 500, chunks: ['{}'] }).service.send(GET, createContext()));
    expect(error).toMatchObject({
      code: 'INTERNAL_ERROR',
      cause: new Error('The model service returned status 500 with an unknown body'),
    });
  });
});

it('returns the first value of a header, or an empty text', () => {
  const response = { headers: { one: 'a', two: ['b', 'c'], none: [] } } as unknown as TransportResponse;
  expect(['one', 'two', 'none', 'missing'].map((name) => headerOf(response, name))).toEqual(['a', 'b', '', '']);
});
