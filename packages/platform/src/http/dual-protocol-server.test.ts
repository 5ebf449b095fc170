import { once } from 'node:events';
import http2 from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDualProtocolServer } from './dual-protocol-server.ts';

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
