import { once } from 'node:events';
import http2 from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { keepAliveSeconds } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
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

describe('a dual-protocol server', () => {
  it('speaks HTTP/1.1', async () => {
    const response = await fetch(`http://127.0.0.1:${await setUp()}/`);
    expect(await response.text()).toBe('HTTP/1.1');
  });

  it('speaks HTTP/2 to a connection that opens with its preface', async () => {
    const session = http2.connect(`http://127.0.0.1:${await setUp()}`);
    onTestFinished(() => session.destroy());
    const stream = session.request({ ':path': '/' }).setEncoding('utf8');
    let text = '';
    for await (const part of stream) text += part;
    expect(text).toBe('HTTP/2.0');
  });

  it.runIf(process.platform === 'linux')('notices within a minute that the host of an idle client has disappeared', async () => {
    const port = await setUp();
    const session = http2.connect(`http://127.0.0.1:${port}`);
    onTestFinished(() => session.destroy());
    await once(session, 'connect');
    await vi.waitFor(() =>
      expect(keepAliveSeconds({ localPort: port })).toEqual([expect.toSatisfy((seconds) => seconds !== null && seconds <= 30)]),
    );
  });

  it('recognizes the protocol when its first bytes arrive one by one', async () => {
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

  it('delivers written responses when all connections close', async () => {
    const responses = 20;
    const bytes = 900_000;
    let openResponses = responses;
    const server = createDualProtocolServer((_request, response) => {
      response.on('close', () => {
        openResponses -= 1;
        if (openResponses === 0) server.closeAllConnections();
      });
      response.writeHead(200);
      response.write(Buffer.alloc(bytes));
      response.addTrailers({ 'x-outcome': 'complete' });
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
      Array.from({ length: responses }, async () => {
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
    expect(received).toEqual(Array(responses).fill({ length: bytes, outcome: 'complete' }));
    await once(session, 'close');
  });

  it('closes the connection of a request whose headers never end', async () => {
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
