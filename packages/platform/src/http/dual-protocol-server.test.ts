import { once } from 'node:events';
import http2 from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDualProtocolServer, HTTP2_SESSION_WINDOW_BYTES, HTTP2_STREAM_WINDOW_BYTES } from './dual-protocol-server.ts';

async function setUp(options = {}) {
  const server = createDualProtocolServer((request, response) => void response.end(`HTTP/${request.httpVersion}`), options);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('one port', () => {
  it('speaks HTTP/1.1 to who greets so', async () => {
    const response = await fetch(`http://127.0.0.1:${await setUp()}/`);
    expect(await response.text()).toBe('HTTP/1.1');
  });

  it('speaks HTTP/2 to who greets so', async () => {
    const session = http2.connect(`http://127.0.0.1:${await setUp()}`);
    onTestFinished(() => session.destroy());
    const stream = session.request({ ':path': '/' }).setEncoding('utf8');
    let text = '';
    for await (const part of stream) text += part;
    expect(text).toBe('HTTP/2.0');
  });

  it('understands a greeting that arrives letter by letter', async () => {
    const socket = connect(await setUp(), '127.0.0.1')
      .setNoDelay(true)
      .setEncoding('latin1');
    for (const letter of 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n') {
      await new Promise<void>((sent) => socket.write(letter, () => sent()));
    }
    let text = '';
    for await (const part of socket) text += part;
    expect(text).toContain('HTTP/1.1 200');
  });

  it('gets out what has been answered when all connections are to close at once', async () => {
    const answers = 20;
    const bytes = 900_000;
    let isOpen = answers;
    const server = createDualProtocolServer((_request, response) => {
      response.on('close', () => {
        isOpen -= 1;
        if (isOpen === 0) server.closeAllConnections();
      });
      response.writeHead(200);
      response.write(Buffer.alloc(bytes));
      response.addTrailers({ 'x-outcome': 'whole' });
      response.end();
    }, {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      settings: { initialWindowSize: HTTP2_STREAM_WINDOW_BYTES },
    });
    onTestFinished(() => session.destroy());
    session.once('connect', () => session.setLocalWindowSize(HTTP2_SESSION_WINDOW_BYTES));
    const received = await Promise.all(
      Array.from({ length: answers }, async () => {
        const stream = session.request({ ':path': '/' });
        let outcome: unknown;
        stream.once('trailers', (trailers) => {
          outcome = trailers['x-outcome'];
        });
        let length = 0;
        for await (const part of stream) length += part.length;
        return { length, outcome };
      }),
    );
    expect(received).toEqual(Array(answers).fill({ length: bytes, outcome: 'whole' }));
    await once(session, 'close');
  });

  it('cuts off a request that never ends', async () => {
    const socket = connect(
      await setUp({ headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 50 }),
      '127.0.0.1',
    ).setEncoding('latin1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    socket.resume();
    await once(socket, 'close');
    expect(socket.bytesRead).toBe(0);
  });
});
