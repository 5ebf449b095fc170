import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@prodigon/contracts';
import { OUTCOME_TRAILER } from '@prodigon/platform';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFakeTransport } from './fake-transport.test-support.ts';
import { type GrpcReplicaOptions, INTERNAL_TOKEN, startGrpcReplica } from './grpc-replica.test-support.ts';
import { createGrpcTransport } from './grpc-transport.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { createManualTimers } from './replica.test-support.ts';
import { ConnectionError, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

const WAIT = { timeout: 30_000, interval: 5 };
const HEADERS = { authorization: `Bearer ${INTERNAL_TOKEN}`, 'x-prodigon-principal': 'ada', 'x-prodigon-time-left-ms': '30000' };
const CHAT = { method: 'POST', path: '/internal/v1/chat', body: '{}', headers: HEADERS } as const;
const STREAM = {
  ...CHAT,
  path: '/internal/v1/chat/stream',
  headers: { ...HEADERS, 'x-prodigon-stream-format': 'chunks', 'x-prodigon-generation-id': 'g' },
} as const;

const send = (transport: Transport, request: Partial<TransportRequest> = CHAT) =>
  transport.send({ method: 'POST', path: CHAT.path, headers: HEADERS, signal: new AbortController().signal, ...request });

async function textOf({ body }: TransportResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const connectTo = (grpcUrl: string, options: { keepaliveMs?: number } = {}) => {
  const http = createFakeTransport({ chunks: ['over HTTP'] });
  const transport = createGrpcTransport({ grpcUrl, connectTimeoutMs: 5_000, http, ...options });
  onTestFinished(() => transport.close());
  return { transport, http };
};

async function start(options: GrpcReplicaOptions = {}) {
  const replica = await startGrpcReplica('a', options);
  return { replica, ...connectTo(replica.url) };
}

describe('a transport over gRPC', () => {
  it('sends the context of a call as metadata, with a deadline', async () => {
    const { replica, transport } = await start();
    const response = await send(transport, {
      ...CHAT,
      headers: {
        ...HEADERS,
        ...{ 'x-request-id': 'request-1', 'x-prodigon-attempts-max': '2' },
        ...{ 'x-prodigon-role': 'admin', 'x-prodigon-key-id': 'environment%3Aops' },
      },
    });
    expect([response.status, await textOf(response)]).toEqual([200, 'a']);
    const { context } = replica.received[0] ?? {};
    expect(context).toMatchObject({
      requestId: 'request-1',
      principal: { id: 'ada', role: 'admin', keyId: 'environment:ops' },
      attemptsMax: 2,
    });
    expect((context?.deadline ?? 0) - performance.now()).toBeLessThan(30_001);
  });

  it('uses HTTP for requests that have no call', async () => {
    const { transport, http } = await start();
    expect(await textOf(await send(transport, { method: 'GET', path: '/internal/v1/usage' }))).toBe('over HTTP');
    expect(http.requests.map(({ path }) => path)).toEqual(['/internal/v1/usage']);
  });

  it('returns the error of a service as its HTTP response', async () => {
    const error = new AppError('RATE_LIMITED', 'Slow down', { retryAfterSeconds: 7 });
    const { transport } = await start({ generate: () => Promise.reject(error), stream: () => Promise.reject(error) });
    for (const request of [CHAT, STREAM]) {
      const response = await send(transport, request);
      expect(response).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
      expect(JSON.parse(await textOf(response)).error).toMatchObject({ code: 'RATE_LIMITED', message: 'Slow down' });
    }
  });

  it('keeps the text of an exception private', async () => {
    const { transport } = await start({ generate: () => Promise.reject(new Error('secret')) });
    const response = await send(transport);
    expect(response.status).toBe(500);
    expect(JSON.stringify(response.headers) + (await textOf(response))).not.toContain('secret');
  });

  it('rejects a wrong token, and a call to a draining service with the mark for another replica', async () => {
    const { replica, transport } = await start();
    expect((await send(transport, { ...CHAT, headers: { ...HEADERS, authorization: 'Bearer wrong' } })).status).toBe(401);
    await replica.lifecycle.drain();
    for (const request of [CHAT, STREAM])
      expect(await send(transport, request)).toMatchObject({ status: 503, headers: { 'x-prodigon-refused': 'draining' } });
    expect(replica.received).toEqual([]);
  });

  it('reads the readiness of a replica from its health service', async () => {
    const { replica, transport } = await start();
    const probe = async () => (await send(transport, { method: 'GET', path: '/readyz', headers: {}, body: undefined })).status;
    expect(await probe()).toBe(200);
    await replica.lifecycle.drain();
    expect(await probe()).toBe(503);
  });

  it('delivers the frames of a failed stream before its outcome', async () => {
    const { transport } = await start({
      async stream(call, write) {
        call.sendHeaders({});
        for (let index = 0; index < 100; index++) await write({ event: { $case: 'frames', value: Buffer.from(`${index} `) } });
        return { failure: new AppError('INFERENCE_ERROR'), trailers: { [OUTCOME_TRAILER]: 'failed' } };
      },
    });
    const response = await send(transport, STREAM);
    expect((await textOf(response)).trim().split(' ')).toHaveLength(100);
    expect(response.trailers()).toMatchObject({ [OUTCOME_TRAILER]: 'failed' });
    expect(await response.closed).toEqual({ isBroken: false });
  });

  it.each([
    ['aborts the request', async (_response: TransportResponse, client: AbortController) => client.abort()],
    ['stops reading', async ({ body }: TransportResponse) => void (await body[Symbol.asyncIterator]().return?.())],
  ])('cancels the call when the client %s', async (_name, leave) => {
    const cancelled = Promise.withResolvers<unknown>();
    const { transport } = await start({
      async stream(call, write) {
        call.sendHeaders({});
        await write({ event: { $case: 'frames', value: Buffer.from('first') } });
        call.context.signal.addEventListener('abort', () => cancelled.resolve(call.context.signal.reason));
        await cancelled.promise;
        return {};
      },
    });
    const client = new AbortController();
    const response = await send(transport, { ...STREAM, signal: client.signal });
    const chunks = response.body[Symbol.asyncIterator]();
    await chunks.next();
    await leave({ ...response, body: { [Symbol.asyncIterator]: () => chunks } }, client);
    expect(await cancelled.promise).toMatchObject({ code: 'CANCELLED' });
    await chunks.next().catch(() => {});
    expect(await response.closed).toEqual({ isBroken: false });
  });

  it('ends a call at its deadline when the service does not respond', async () => {
    const { transport } = await start({ generate: () => new Promise(() => {}) });
    const response = await send(transport, { ...CHAT, headers: { ...HEADERS, 'x-prodigon-time-left-ms': '1' } });
    expect(response.status).toBe(504);
  });

  it('rejects with a connection error when nothing listens, and says that the request was not sent', async () => {
    const { replica, transport } = await start();
    await replica.kill();
    await expect(send(transport)).rejects.toMatchObject({ name: 'ConnectionError', isRequestSent: false });
  });

  it('rejects with a connection error when another program listens', async () => {
    const server = createServer((_request, response) => response.end('no gRPC')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await vi.waitFor(() => expect(server.listening).toBe(true), WAIT);
    const { transport } = connectTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(send(transport)).rejects.toBeInstanceOf(ConnectionError);
  });

  it('reports a killed service to calls in flight, and reaches it again as soon as it listens', async () => {
    let isHanging = true;
    const { replica, transport } = await start({
      generate: () => (isHanging ? new Promise(() => {}) : Promise.resolve('again')),
      async stream(call) {
        call.sendHeaders({});
        return new Promise(() => {});
      },
    });
    const stream = await send(transport, STREAM);
    const unary = send(transport);
    unary.catch(() => {});
    await vi.waitFor(() => expect(replica.received).toHaveLength(2), WAIT);
    await replica.kill();
    await expect(unary).rejects.toMatchObject({ name: 'ConnectionError', isRequestSent: true });
    await expect(textOf(stream)).rejects.toThrow();
    expect(await stream.closed).toEqual({ isBroken: true });

    isHanging = false;
    // Each failure would double the backoff of a channel.
    for (let index = 0; index < 12; index++) await expect(send(transport)).rejects.toBeInstanceOf(ConnectionError);
    await replica.revive();
    expect(await textOf(await send(transport))).toBe('again');
  });

  it('detects a connection that no longer responds', async () => {
    const { replica } = await start({ generate: () => new Promise(() => {}) });
    const silent = await startSilentProxy(Number(new URL(replica.url).port));
    const { transport } = connectTo(silent.url, { keepaliveMs: 20 });
    const pending = send(transport);
    pending.catch(() => {});
    await vi.waitFor(() => expect(replica.received).toHaveLength(1), WAIT);
    silent.silence();
    await expect(pending).rejects.toBeInstanceOf(ConnectionError);
  });
});

describe('a load balancer over gRPC', () => {
  async function startBalanced() {
    const replicas = [await startGrpcReplica('a'), await startGrpcReplica('b')] as const;
    const timers = createManualTimers();
    const transports = replicas.map(({ url }) => connectTo(url).transport);
    const balancer = createLoadBalancer({ transports, after: timers.after });
    const names = async (count: number) => {
      const texts: string[] = [];
      for (let index = 0; index < count; index++) texts.push(await textOf(await send(balancer, { ...CHAT, isRetryable: true })));
      return texts;
    };
    return { replicas, timers, names };
  }

  it('uses the replicas in turn', async () => {
    const { names } = await startBalanced();
    expect(await names(4)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('skips a killed replica, and uses it again when it is ready', async () => {
    const { replicas, timers, names } = await startBalanced();
    expect(await names(2)).toEqual(['a', 'b']);
    await replicas[0].kill();
    expect(await names(3)).toEqual(['b', 'b', 'b']);
    await replicas[0].revive();
    await vi.waitFor(() => expect(timers.waiting()).toEqual([250]), WAIT);
    timers.fire(250);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([]), WAIT);
    expect((await names(4)).sort()).toEqual(['a', 'a', 'b', 'b']);
  });

  it('uses a replica that starts after the client', async () => {
    const { replicas, timers, names } = await startBalanced();
    await replicas[1].kill();
    expect(await names(3)).toEqual(['a', 'a', 'a']);
    await replicas[1].revive();
    await vi.waitFor(() => expect(timers.waiting()).toEqual([250]), WAIT);
    timers.fire(250);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([]), WAIT);
    expect((await names(4)).sort()).toEqual(['a', 'a', 'b', 'b']);
  });

  it('fails over from a draining replica', async () => {
    const { replicas, names } = await startBalanced();
    await replicas[0].lifecycle.drain();
    expect(await names(3)).toEqual(['b', 'b', 'b']);
  });
});

/** Forwards connections to a port until `silence`, after which they stay open without any bytes. */
async function startSilentProxy(target: number) {
  const { connect, createServer: createTcpServer } = await import('node:net');
  const pairs: [import('node:net').Socket, import('node:net').Socket][] = [];
  const server = createTcpServer((socket) => {
    const upstream = connect(target, '127.0.0.1');
    pairs.push([socket, upstream]);
    for (const each of [socket, upstream]) each.on('error', () => {});
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of pairs.flat()) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    silence() {
      for (const [socket, upstream] of pairs) {
        socket.unpipe(upstream);
        upstream.unpipe(socket);
        socket.pause();
        upstream.pause();
      }
    },
  };
}
