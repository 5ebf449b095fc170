import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createLifecycle } from '../lifecycle/graceful-shutdown.ts';
import { closeConnectionsOnDrain } from './connection-drain.ts';

async function setUp({ noticeMs = 0 } = {}) {
  const server = createServer({ keepAliveTimeout: 3_600_000 }, (incoming, response) => {
    incoming.resume().on('end', () => response.end('ok'));
  });
  const lifecycle = createLifecycle({ noticeMs, drainTimeoutMs: 3_600_000 });
  closeConnectionsOnDrain(server, { lifecycle });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  async function send(type?: string): Promise<string | undefined> {
    const outgoing = request({ port, host: '127.0.0.1', agent, method: 'POST' });
    if (type) outgoing.setHeader('content-type', type);
    outgoing.end('{}');
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    return response.headers.connection;
  }
  const connections = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  return { lifecycle, send, connections };
}

it('keeps connections open until the process stops', async () => {
  const { send, connections } = await setUp();
  expect([await send(), await send(), await connections()]).toEqual(['keep-alive', 'keep-alive', 1]);
});

it('closes a connection after its response during the notice, except while a client sends a file', async () => {
  const { lifecycle, send } = await setUp({ noticeMs: 3_600_000 });
  await send();
  void lifecycle.drain();
  expect(await send('application/jsonl')).toBe('keep-alive');
  expect(await send('application/json; charset=utf-8')).toBe('close');
  expect(await send()).toBe('close');
});

it('closes idle connections when the process rejects new requests', async () => {
  const { lifecycle, send, connections } = await setUp();
  await send();
  expect(await connections()).toBe(1);
  await lifecycle.drain();
  await vi.waitFor(async () => expect(await connections()).toBe(0));
});
