import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createDualProtocolServer } from '@prodigon/platform';
import { expect, it, onTestFinished } from 'vitest';
import { createHybridTransport } from './hybrid-transport.ts';
import { drainResponse } from './replica.ts';
import { ConnectionError } from './transport.ts';

async function exchangeWith(server: Server, pingIntervalMs = 10_000) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const exchange = createHybridTransport({ baseUrl, connectTimeoutMs: 5_000, pingIntervalMs });
  onTestFinished(async () => {
    await exchange.close();
    server.close();
  });
  return exchange;
}

const request = { method: 'GET', path: '/', headers: {}, signal: new AbortController().signal } as const;

it('what comes whole travels over HTTP/1.1, everything else over HTTP/2', async () => {
  const exchange = await exchangeWith(
    createDualProtocolServer(({ httpVersion }, response) => {
      response.setHeader('x-version', httpVersion);
      response.end();
    }, {} satisfies http.ServerOptions),
  );
  const streamed = await exchange.send(request);
  const whole = await exchange.send({ ...request, isUnary: true });
  expect([streamed.headers['x-version'], whole.headers['x-version']]).toEqual(['2.0', '1.1']);
  await Promise.all([streamed, whole].map(drainResponse));
});

it('a service that is frozen is given up on both lanes, whichever was used', async () => {
  // It takes connections and whatever comes over them, and never says anything.
  const exchange = await exchangeWith(
    createServer((socket) => void socket.resume()),
    20,
  );
  const failure = await exchange.send({ ...request, isUnary: true }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConnectionError);
  expect(failure).toMatchObject({ isSent: true });
});

it('whole answers work again once a frozen service is back', async () => {
  let isFrozen = true;
  const answering = http.createServer((_request, response) => response.end('back'));
  const exchange = await exchangeWith(
    createServer((socket) => {
      if (isFrozen) socket.on('error', () => {}).resume();
      else answering.emit('connection', socket);
    }),
    20,
  );
  await expect(exchange.send({ ...request, isUnary: true })).rejects.toThrow();
  isFrozen = false;
  const { status, body } = await exchange.send({ ...request, isUnary: true });
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  expect([status, Buffer.concat(pieces).toString()]).toEqual([200, 'back']);
});
