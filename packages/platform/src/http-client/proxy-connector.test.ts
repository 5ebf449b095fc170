import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createConnectionPool } from './connection-pool.ts';
import { createReadCoalescer } from './read-coalescing.ts';

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Starts a proxy that connects every tunnel to `port`, or calls `respond` instead. Records its requests. */
async function startProxy(port: number, respond?: (socket: Socket) => void) {
  const requests: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
  const proxy = createServer().on('connect', ({ url, headers }, socket, head) => {
    requests.push({ url, headers });
    if (respond) return respond(socket as Socket);
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    for (const end of [target, socket]) end.on('error', () => {});
  });
  return { requests, host: `127.0.0.1:${await listen(proxy)}` };
}

function createPool(origin: string, proxyUrl: string, connectTimeoutMs = 5_000) {
  const pool = createConnectionPool({ origin, proxyUrl, connectTimeoutMs, readCoalescer: createReadCoalescer() });
  onTestFinished(() => pool.close());
  const send = () =>
    pool.send({ method: 'POST', path: '/v1', headers: {}, body: 'prompt', signal: new AbortController().signal });
  return { send };
}

const tooLarge = () => new Error('too large');

describe('a proxy', () => {
  it('tunnels http requests and is the only one that receives the credentials', async () => {
    const received: IncomingMessage['headers'][] = [];
    const port = await listen(
      createServer((request, response) => {
        received.push(request.headers);
        request.resume();
        response.end('response');
      }),
    );
    const { requests, host } = await startProxy(port);
    const { send } = createPool('http://provider.example:8080', `http://50%off:p%40ss@${host}`);
    for (let turn = 0; turn < 2; turn += 1) expect(String(await (await send()).readAll(100, tooLarge))).toBe('response');
    // One tunnel carries both requests.
    expect(requests).toMatchObject([
      {
        url: 'provider.example:8080',
        headers: {
          host: 'provider.example:8080',
          'proxy-authorization': `Basic ${Buffer.from('50%off:p@ss').toString('base64')}`,
        },
      },
    ]);
    expect(received).toHaveLength(2);
    for (const headers of received) {
      expect(headers.host).toBe('provider.example:8080');
      expect(headers).not.toHaveProperty('proxy-authorization');
    }
  });

  it.each([
    ['https://provider.example', 'provider.example:443'],
    ['https://[2001:db8::1]:8443', '[2001:db8::1]:8443'],
  ])('carries TLS to %s', async (origin, authority) => {
    const received = Promise.withResolvers<Buffer>();
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', (bytes) => {
          received.resolve(bytes);
          socket.destroy();
        });
      }),
    );
    const { requests, host } = await startProxy(port);
    await expect(createPool(origin, `http://${host}`).send()).rejects.toThrow();
    expect(requests).toMatchObject([{ url: authority }]);
    expect(requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    // The first byte of a TLS handshake.
    expect((await received.promise)[0]).toBe(0x16);
  });

  it.each([
    [407, 'PROXY_AUTHENTICATION_REQUIRED'],
    [403, 'PROXY_REFUSED'],
    [502, 'PROXY_REFUSED'],
  ])('that responds with %i fails the request with %s', async (status, code) => {
    const { host } = await startProxy(0, (socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`));
    const failure: unknown = await createPool('https://provider.example', `http://ada:hunter2@${host}`)
      .send()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ProxyError', code });
    expect(String(failure)).not.toContain('hunter2');
  });

  it.each([
    ['does not listen', async () => '127.0.0.1:1'],
    ['closes the connection', async () => (await startProxy(0, (socket) => socket.destroy())).host],
  ])('that %s fails the request with PROXY_UNREACHABLE', async (_behavior, hostOf) => {
    await expect(createPool('https://provider.example', `http://${await hostOf()}`).send()).rejects.toMatchObject({
      code: 'PROXY_UNREACHABLE',
      cause: { code: expect.stringMatching(/^ECONN/) },
    });
  });

  it('that does not respond fails the request with a connect timeout', async () => {
    const { host } = await startProxy(0, () => {});
    await expect(createPool('http://provider.example', `http://${host}`, 20).send()).rejects.toMatchObject({
      code: 'UND_ERR_CONNECT_TIMEOUT',
    });
  });

  it('with an https address receives a TLS connection', async () => {
    const received = Promise.withResolvers<Buffer>();
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', (bytes) => {
          received.resolve(bytes);
          socket.destroy();
        });
      }),
    );
    await expect(createPool('http://provider.example', `https://127.0.0.1:${port}`).send()).rejects.toMatchObject({
      code: 'PROXY_UNREACHABLE',
    });
    expect((await received.promise)[0]).toBe(0x16);
  });
});
