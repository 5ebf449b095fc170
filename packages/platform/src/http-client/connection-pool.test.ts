import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ConnectionPoolOptions, createConnectionPool } from './connection-pool.ts';
import { createReadCoalescer } from './read-coalescing.ts';

type Respond = (response: http.ServerResponse) => void;

async function startPool(respond: Respond, isBusy = false, options: Partial<ConnectionPoolOptions> = {}) {
  const sockets = new Set<unknown>();
  const server = http.createServer((request, response) => {
    request.resume();
    respond(response);
  });
  server.on('connection', (socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = createConnectionPool({
    origin,
    connectTimeoutMs: 5_000,
    ...options,
    readCoalescer: createReadCoalescer(() => (isBusy ? 1 : 0)),
  });
  onTestFinished(async () => {
    await pool.close();
    server.closeAllConnections();
    server.close();
  });
  const send = (signal = new AbortController().signal) =>
    pool.send({ method: 'POST', path: '/', headers: {}, body: 'prompt', signal });
  return { pool, send, connections: () => sockets.size };
}

const tooLarge = () => new Error('too large');

describe('a connection pool', () => {
  it('reuses the last connection and opens one for each concurrent request', async () => {
    const { send, connections } = await startPool((response) => response.end('response'));
    for (let turn = 0; turn < 5; turn += 1) await (await send()).readAll(100, tooLarge);
    expect(connections()).toBe(1);
    await Promise.all([send(), send(), send()].map(async (sent) => (await sent).readAll(100, tooLarge)));
    expect(connections()).toBe(3);
  });

  it('reuses a connection whose response was finished before its body ended', async () => {
    const { send, connections } = await startPool((response) => {
      response.write('data: [DONE]\n\n');
      setImmediate(() => response.end());
    });
    for (let turn = 0; turn < 3; turn += 1) {
      const incoming = await send();
      await incoming.read();
      incoming.finish();
      await incoming.closed;
    }
    expect(connections()).toBe(1);
  });

  it('cancels the request when the reader stops early', async () => {
    const ended = vi.fn();
    const { send } = await startPool((response) => {
      response.on('close', ended).write('first');
    });
    const incoming = await send();
    for await (const _ of incoming) break;
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  });

  it.each([
    [1, 4],
    [2, 2],
    [4, 1],
    [undefined, 1],
  ])('opens a new connection after %s requests', async (requestsPerConnectionMax, expected) => {
    const { send, connections } = await startPool((response) => response.end('x'), false, { requestsPerConnectionMax });
    for (let index = 0; index < 4; index++) await (await send()).readAll(100, tooLarge);
    expect(connections()).toBe(expected);
  });

  it('cancels a response that is too large', async () => {
    const ended = vi.fn();
    const { send } = await startPool((response) => {
      response.on('close', ended).write('x'.repeat(1_000));
    });
    await expect((await send()).readAll(100, tooLarge)).rejects.toThrow('too large');
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  });

  it('rejects pending reads and later requests with the reason of an aborted signal', async () => {
    const { send } = await startPool((response) => response.write('first'));
    const controller = new AbortController();
    const incoming = await send(controller.signal);
    await incoming.read();
    const reading = incoming.read();
    controller.abort(new Error('aborted'));
    await expect(reading).rejects.toThrow('aborted');
    await expect(send(controller.signal)).rejects.toThrow('aborted');
  });

  it('delivers coalesced reads complete and in order, and does not delay the next response', async () => {
    const pieces = Array.from({ length: 200 }, (_, index) => `piece ${index};`);
    const { send, connections } = await startPool((response) => {
      const remaining = [...pieces];
      const go = () => {
        const piece = remaining.shift();
        if (piece === undefined) return response.end();
        response.write(piece);
        setImmediate(go);
      };
      go();
    }, true);
    for (let turn = 0; turn < 2; turn += 1) {
      const incoming = await send();
      incoming.startCoalescing();
      expect((await incoming.readAll(1 << 20, tooLarge)).toString()).toBe(pieces.join(''));
    }
    expect(connections()).toBe(1);
  });
});
