import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createConnectionPool } from './connection-pool.ts';
import { createReadCoalescer } from './read-coalescer.ts';

type Answer = (response: http.ServerResponse) => void;

async function poolBefore(answer: Answer, isBusy = false) {
  const sockets = new Set<unknown>();
  const server = http.createServer((request, response) => {
    request.resume();
    answer(response);
  });
  server.on('connection', (socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = createConnectionPool({
    origin,
    connectTimeoutMs: 5_000,
    readCoalescer: createReadCoalescer(() => (isBusy ? 1 : 0)),
  });
  onTestFinished(async () => {
    await pool.close();
    server.closeAllConnections();
    server.close();
  });
  const send = (signal = new AbortController().signal) =>
    pool.send({ method: 'POST', path: '/', headers: {}, body: 'ask', signal });
  return { pool, send, connections: () => sockets.size };
}

const tooLarge = () => new Error('too large');

describe('connections to a provider', () => {
  it('are used again, the last one first, and as many as there are calls at once', async () => {
    const { send, connections } = await poolBefore((response) => response.end('answer'));
    for (let turn = 0; turn < 5; turn += 1) await (await send()).readAll(100, tooLarge);
    expect(connections()).toBe(1);
    await Promise.all([send(), send(), send()].map(async (sent) => (await sent).readAll(100, tooLarge)));
    expect(connections()).toBe(3);
  });

  it('are used again when an answer was read to its last word but not to its end', async () => {
    const { send, connections } = await poolBefore((response) => {
      response.write('data: [DONE]\n\n');
      setImmediate(() => response.end());
    });
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await send();
      await answer.read();
      answer.finish();
      await answer.closed;
    }
    expect(connections()).toBe(1);
  });

  it('end when nobody reads on', async () => {
    const ended = vi.fn();
    const { send } = await poolBefore((response) => {
      response.on('close', ended).write('first');
    });
    const answer = await send();
    for await (const _ of answer) break;
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  });

  it('of an answer that is too large are left', async () => {
    const ended = vi.fn();
    const { send } = await poolBefore((response) => {
      response.on('close', ended).write('x'.repeat(1_000));
    });
    await expect((await send()).readAll(100, tooLarge)).rejects.toThrow('too large');
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  });

  it('that are aborted reject with the reason, whoever waits for what', async () => {
    const { send } = await poolBefore((response) => response.write('first'));
    const controller = new AbortController();
    const answer = await send(controller.signal);
    await answer.read();
    const reading = answer.read();
    controller.abort(new Error('left'));
    await expect(reading).rejects.toThrow('left');
    await expect(send(controller.signal)).rejects.toThrow('left');
  });

  it('bring what a busy process has let wait, whole and in order, and are not slow for the next answer', async () => {
    const pieces = Array.from({ length: 200 }, (_, index) => `piece ${index};`);
    const { send, connections } = await poolBefore((response) => {
      const left = [...pieces];
      const go = () => {
        const piece = left.shift();
        if (piece === undefined) return response.end();
        response.write(piece);
        setImmediate(go);
      };
      go();
    }, true);
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await send();
      answer.startCoalescing();
      expect((await answer.readAll(1 << 20, tooLarge)).toString()).toBe(pieces.join(''));
    }
    expect(connections()).toBe(1);
  });
});
