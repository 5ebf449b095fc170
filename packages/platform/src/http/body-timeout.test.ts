import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError } from '@prodigon/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createHttpServer } from './create-http-server.ts';

const routes: FastifyPluginAsync = async (app) => {
  app.addContentTypeParser('text/plain', (_request, payload, done) => done(null, payload));
  app.post('/notes', { config: { access: 'public' } }, async () => 'noted');
  app.post('/files', { config: { access: 'public', isUpload: true } }, async ({ body }) => {
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) bytes += chunk.length;
    return { bytes };
  });
  app.post('/rejected', { config: { access: 'public', isUpload: true } }, async () => {
    throw new AppError('VALIDATION_ERROR');
  });
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** Sends the headers of a request with a body of `length` bytes. `send` resolves when the server has received the bytes. */
async function startRequest(path: string, type: string, length: number) {
  const app = await createHttpServer({
    service: 'test',
    logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
    metrics: createMetrics(),
    authentication: { internalToken: 'token-of-the-services-0123', openMetrics: true },
    plugins: [routes],
    bodyTimeoutMs: 800,
  });
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const accepted = once(app.server, 'connection') as Promise<[Socket]>;
  const socket = connect(Number(url.port), '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
  let received = '';
  socket.setEncoding('utf8').on('data', (part: string) => (received += part));
  onTestFinished(async () => {
    socket.destroy();
    await app.close();
  });
  const [server] = await accepted;
  let sent = 0;
  const send = async (text: string) => {
    socket.write(text);
    sent += text.length;
    while (server.bytesRead < sent && !server.destroyed) await new Promise(setImmediate);
  };
  await send(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`);
  const response = async (text: string) => {
    while (!received.includes(text)) await new Promise(setImmediate);
    return received;
  };
  return { server, send, closed, response };
}

it('returns 408 when a body arrives too slowly, although bytes keep arriving, and then closes the connection', async () => {
  const { server, send, closed, response } = await startRequest('/notes', 'application/json', 1_000_000);
  for (let tick = 1; tick < 8; tick += 1) {
    await send(' ');
    vi.advanceTimersByTime(100);
  }
  expect(server.destroyed).toBe(false);
  vi.advanceTimersByTime(100);
  expect(await response('REQUEST_TIMEOUT')).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  vi.advanceTimersByTime(300);
  await closed;
});

it('returns 408 when an upload stalls, and then closes the connection', async () => {
  const { server, send, closed, response } = await startRequest('/files', 'text/plain', 10);
  await send('abc');
  vi.advanceTimersByTime(800);
  expect(server.destroyed).toBe(false);
  vi.advanceTimersByTime(800);
  expect(await response('REQUEST_TIMEOUT')).toContain(' 408 ');
  vi.advanceTimersByTime(300);
  await closed;
});

it('accepts a slow upload while its bytes keep arriving', async () => {
  const { send, response } = await startRequest('/files', 'text/plain', 5);
  for (let part = 0; part < 4; part += 1) {
    await send('x');
    vi.advanceTimersByTime(800);
  }
  await send('x');
  expect(await response('{"bytes":5}')).toContain('200 OK');
});

it('accepts a large body while 3 MB arrive within each timeout', async () => {
  const { send, response } = await startRequest('/notes', 'application/json', 3_000_002);
  await send(' '.repeat(3_000_000));
  vi.advanceTimersByTime(900);
  await send('{}');
  expect(await response('noted')).toContain('200 OK');
});

it('accepts a body that arrives in time', async () => {
  const { send, response } = await startRequest('/notes', 'application/json', 2);
  vi.advanceTimersByTime(700);
  await send('{}');
  expect(await response('noted')).toContain('200 OK');
});

it.each([
  ['that announces too many bytes', '/notes', 'application/json', '413 Payload Too Large'],
  ['of an unsupported type', '/notes', 'application/xml', '415 Unsupported Media Type'],
  ['of an upload that is not read', '/rejected', 'text/plain', '422 Unprocessable'],
])('closes the connection of a rejected request %s that keeps dripping its body', async (_case, path, type, status) => {
  const { server, send, closed, response } = await startRequest(path, type, 10_000_000);
  await response(status);
  for (let tick = 0; tick < 3; tick += 1) {
    await send('x');
    vi.advanceTimersByTime(100);
  }
  vi.advanceTimersByTime(100);
  await closed;
  expect(server.destroyed).toBe(true);
});

it('lets the client of a rejected request finish sending and reuse the connection', async () => {
  const { send, response } = await startRequest('/notes', 'application/xml', 3);
  await response('415 Unsupported');
  await send('abc');
  vi.advanceTimersByTime(800);
  await send('POST /notes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
  expect(await response('noted')).toContain('200 OK');
});
