import { once } from 'node:events';
import http2 from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttp2Transport } from './http2-transport.ts';

async function exchangeWith(server: Server, options: { pingEveryMs: number }) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const exchange = createHttp2Transport({ baseUrl, connectTimeoutMs: 5_000, ...options });
  onTestFinished(async () => {
    await exchange.close();
    server.close();
  });
  return exchange;
}

const request = { method: 'GET', path: '/', headers: {}, signal: new AbortController().signal } as const;

describe('a connection to another service', () => {
  it('that is frozen is given up, and so are its requests', async () => {
    // It takes the connection and whatever comes over it, and never says anything.
    const exchange = await exchangeWith(
      createServer((socket) => void socket.resume()),
      { pingEveryMs: 20 },
    );
    await expect(exchange.send(request)).rejects.toThrow('No answer to a ping within 20 ms');
  });

  it('that is only slow to answer a request is kept', async () => {
    const slow = http2.createServer();
    let pings = 0;
    slow.on('session', (session) => session.on('ping', () => ++pings));
    slow.on('stream', async (stream) => {
      // Its answer waits for the second ping, which it has answered by then.
      while (pings < 2) await new Promise(setImmediate);
      stream.respond({ ':status': 200 });
      stream.end('late');
    });
    const exchange = await exchangeWith(slow as unknown as Server, { pingEveryMs: 300 });
    const { status, body } = await exchange.send(request);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    expect([status, Buffer.concat(chunks).toString()]).toEqual([200, 'late']);
  });

  it('that ends before it has looked at a request says so, and it may be sent elsewhere', async () => {
    const exchange = await exchangeWith(createServer(sayGoodbyeToRequests), { pingEveryMs: 60_000 });
    await expect(exchange.send(request)).rejects.toMatchObject({ name: 'ConnectionFailure', isSent: false });
  });
});

/** Answers the first request with a goodbye that names the last one that was taken: none. Node cannot say so itself. */
function sayGoodbyeToRequests(socket: Socket): void {
  const [HEADERS, SETTINGS, GOAWAY] = [1, 4, 7];
  const frame = (type: number, payload: Buffer) => Buffer.from([0, 0, payload.length, type, 0, 0, 0, 0, 0, ...payload]);
  let bytes = Buffer.alloc(0);
  let from = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.length;
  socket.write(frame(SETTINGS, Buffer.alloc(0)));
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more]);
    for (; bytes.length >= from + 9; from += 9 + bytes.readUIntBE(from, 3)) {
      if (bytes[from + 3] === HEADERS) socket.write(frame(GOAWAY, Buffer.alloc(8)));
    }
  });
}
