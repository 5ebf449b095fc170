import { once } from 'node:events';
import http2, { type ClientHttp2Session } from 'node:http2';
import net, { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHttp2Transport } from './http2-transport.ts';

async function connectTo(server: Server, options: { pingIntervalMs: number }) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = createHttp2Transport({ baseUrl, connectTimeoutMs: 5_000, ...options });
  onTestFinished(async () => {
    await transport.close();
    server.close();
  });
  return transport;
}

const request = { method: 'GET', path: '/', headers: {}, signal: new AbortController().signal } as const;

describe('an HTTP/2 transport', () => {
  it('fails its requests when the service does not answer pings', async () => {
    // The server accepts the connection and never responds.
    const transport = await connectTo(
      createServer((socket) => void socket.resume()),
      { pingIntervalMs: 20 },
    );
    await expect(transport.send(request)).rejects.toThrow('No answer to a ping within 20 ms');
  });

  it('keeps the connection of a service that answers pings but responds slowly', async () => {
    const slow = http2.createServer();
    let pings = 0;
    slow.on('session', (session) => session.on('ping', () => ++pings));
    slow.on('stream', async (stream) => {
      // The second ping proves that the first one was answered.
      while (pings < 2) await new Promise(setImmediate);
      stream.respond({ ':status': 200 });
      stream.end('late');
    });
    const transport = await connectTo(slow as unknown as Server, { pingIntervalMs: 300 });
    const { status, body } = await transport.send(request);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    expect([status, Buffer.concat(chunks).toString()]).toEqual([200, 'late']);
  });

  it('survives a connection that opens right after the connect timeout', async () => {
    const server = http2.createServer() as unknown as Server;
    const open = http2.connect;
    vi.spyOn(http2, 'connect').mockImplementationOnce((url, options) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      const session = open(url, { ...options, createConnection: () => socket });
      socket.once('connect', () => session.destroy(new Error('Connecting took too long')));
      return session;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const transport = await connectTo(server, { pingIntervalMs: 60_000 });
    // The second request uses a new connection, after the first one has emitted all of its events.
    (server as unknown as http2.Http2Server).on('request', (_request, response) => response.end());
    await expect(transport.send(request)).rejects.toMatchObject({ name: 'ConnectionError', isRequestSent: false });
    expect((await transport.send(request)).status).toBe(200);
  });

  it.each(['times out', 'is closed'])('gives up a connection to a host that has gone when it %s', async (end) => {
    // As without an answer from the host, the socket neither connects nor fails.
    const socket = net.connect({ host: 'gone.example', port: 8002, lookup: () => {} });
    vi.spyOn(net, 'connect').mockReturnValueOnce(socket);
    onTestFinished(() => void vi.restoreAllMocks());
    const connectTimeoutMs = end === 'times out' ? 20 : 600_000;
    const transport = createHttp2Transport({ baseUrl: 'http://10.0.0.9:8002', connectTimeoutMs });
    const sent = transport.send(request);
    if (end === 'is closed') void transport.close();
    await expect(sent).rejects.toMatchObject({ name: 'ConnectionError', isRequestSent: false });
    expect(socket.destroyed).toBe(true);
  });

  it('reports a request as not sent when the service sends GOAWAY before processing it', async () => {
    const transport = await connectTo(createServer(sendGoawayForRequests), { pingIntervalMs: 60_000 });
    await expect(transport.send(request)).rejects.toMatchObject({ name: 'ConnectionError', isRequestSent: false });
  });

  it('sends no ping after GOAWAY while the service keeps its side of the connection open', async () => {
    const [timers, connections] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(http2, 'connect')];
    onTestFinished(() => void vi.restoreAllMocks());
    const transport = await connectTo(createServer({ allowHalfOpen: true }, sendGoawayForRequests), { pingIntervalMs: 60_000 });
    await expect(transport.send(request)).rejects.toMatchObject({ name: 'ConnectionError' });
    const session = connections.mock.results[0]?.value as ClientHttp2Session;
    const onClose = vi.fn();
    session.once('close', onClose);
    await vi.waitUntil(() => session.destroyed);
    const [sendPing] = timers.mock.calls.find(([, delay]) => delay === 60_000) ?? [];
    expect(() => sendPing?.()).not.toThrow();
    expect(sendPing).toBeTypeOf('function');
    expect(onClose).not.toHaveBeenCalled();
  });
});

/** Responds to each request with a GOAWAY frame that reports no processed stream. Node's server cannot send such a frame. */
function sendGoawayForRequests(socket: Socket): void {
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
