import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createDualProtocolServer } from '@prodigon/platform';
import { expect, it, onTestFinished } from 'vitest';
import { createHybridTransport } from './http2-transport.ts';
import { ConnectionError, drainResponse } from './transport.ts';

async function connectTo(server: Server, pingIntervalMs = 10_000) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = createHybridTransport({ baseUrl, connectTimeoutMs: 5_000, pingIntervalMs });
  onTestFinished(async () => {
    await transport.close();
    server.close();
  });
  return transport;
}

const request = { method: 'GET', path: '/', headers: {}, signal: new AbortController().signal } as const;

it('sends unary requests over HTTP/1.1 and all others over HTTP/2', async () => {
  const transport = await connectTo(
    createDualProtocolServer(({ httpVersion }, response) => {
      response.setHeader('x-version', httpVersion);
      response.end();
    }, {} satisfies http.ServerOptions),
  );
  const streamed = await transport.send(request);
  const unary = await transport.send({ ...request, isUnary: true });
  expect([streamed.headers['x-version'], unary.headers['x-version']]).toEqual(['2.0', '1.1']);
  await Promise.all([streamed, unary].map(drainResponse));
});

it('fails unary requests when the service does not answer pings', async () => {
  // The server accepts connections and never responds.
  const transport = await connectTo(
    createServer((socket) => void socket.resume()),
    20,
  );
  const failure = await transport.send({ ...request, isUnary: true }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConnectionError);
  expect(failure).toMatchObject({ isRequestSent: true });
});

it('sends unary requests after a frozen service has recovered', async () => {
  let isFrozen = true;
  const recovered = http.createServer((_request, response) => response.end('recovered'));
  const transport = await connectTo(
    createServer((socket) => {
      if (isFrozen) socket.on('error', () => {}).resume();
      else recovered.emit('connection', socket);
    }),
    20,
  );
  await expect(transport.send({ ...request, isUnary: true })).rejects.toThrow();
  isFrozen = false;
  const { status, body } = await transport.send({ ...request, isUnary: true });
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  expect([status, Buffer.concat(pieces).toString()]).toEqual([200, 'recovered']);
});
