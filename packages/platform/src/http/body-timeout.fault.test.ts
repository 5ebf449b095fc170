import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyPluginAsync } from 'fastify';
import { expect, it, onTestFinished, vi } from 'vitest';
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
};

/** A connection that has announced a body of so many bytes. */
async function begin(
  path: string,
  type: string,
  length: number,
  bodyTimeoutMs = 100,
): Promise<{ socket: Socket; received: () => string }> {
  const app = await createHttpServer({
    service: 'test',
    logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
    metrics: createMetrics(),
    authentication: { apiKeys: [], internalToken: 'token-of-the-services-0123', openMetrics: true },
    plugins: [routes],
    bodyTimeoutMs,
  });
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(url.port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  onTestFinished(async () => {
    socket.destroy();
    await app.close();
  });
  socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`);
  return { socket, received: () => text };
}

/** However: a connection that is cut with bytes on their way is reset. */
function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

it('cuts off a body that drips in', async () => {
  const { socket } = await begin('/notes', 'application/json', 1_000_000);
  const drip = setInterval(() => socket.write(' '), 20);
  await closed(socket);
  clearInterval(drip);
});

it('cuts off a file that has stopped arriving', async () => {
  const { socket } = await begin('/files', 'text/plain', 10);
  socket.write('abc');
  await closed(socket);
});

it('takes a file for as long as something of it arrives', async () => {
  const { socket, received } = await begin('/files', 'text/plain', 25, 1_000);
  // Two and a half times the limit, with a tenth of it between the pieces.
  for (let sent = 0; sent < 25; sent += 1) {
    socket.write('x');
    await wait(100);
  }
  await vi.waitFor(() => expect(received()).toContain('{"bytes":25}'), { timeout: 20_000 });
});
