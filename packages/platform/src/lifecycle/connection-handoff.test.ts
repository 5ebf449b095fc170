import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { receiveConnections, type SupervisorChannel } from './connection-handoff.ts';

function createChannel({ connected = true } = {}) {
  const sent: unknown[] = [];
  const send = (message: unknown) => sent.push(message);
  const channel = Object.assign(new EventEmitter(), { connected, send });
  return { sent, channel, options: { channel: channel as unknown as SupervisorChannel } };
}

/** Opens a connection and returns its accepted side, as the supervisor does. */
async function openConnection(): Promise<{ client: Socket; accepted: Socket }> {
  const listener = createTcpServer({ pauseOnConnect: true });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void listener.close());
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(listener, 'connection')) as [Socket];
  onTestFinished(() => {
    client.destroy();
    accepted.destroy();
  });
  return { client, accepted };
}

it('serves HTTP on a connection of the supervisor, and reports its beginning and its end', async () => {
  const { sent, channel, options } = createChannel();
  receiveConnections(
    createServer((_request, response) => response.end('hello')),
    options,
  );
  const { client, accepted } = await openConnection();
  channel.emit('message', { type: 'connection', id: 7 }, accepted);
  accepted.resume();
  expect(sent).toEqual([{ type: 'connection_accepted', id: 7 }]);
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const [text] = await once(client.setEncoding('utf8'), 'data');
  expect(text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*hello/);
  await vi.waitFor(() => expect(sent.at(-1)).toEqual({ type: 'connection_closed', id: 7 }));
});

it('reports a connection whose client has disconnected before', () => {
  const { sent, channel, options } = createChannel();
  receiveConnections(createServer(), options);
  channel.emit('message', { type: 'connection', id: 7 }, undefined);
  expect(sent).toEqual([
    { type: 'connection_accepted', id: 7 },
    { type: 'connection_closed', id: 7 },
  ]);
});

it('ignores other messages', () => {
  const { sent, channel, options } = createChannel();
  const server = new EventEmitter();
  const connections = vi.fn();
  server.on('connection', connections);
  receiveConnections(server, options);
  for (const message of [{ type: 'ready' }, null, 'connection']) channel.emit('message', message, new Socket());
  expect([sent, connections.mock.calls]).toEqual([[], []]);
});

it('has detached when the supervisor confirms it', async () => {
  const { sent, channel, options } = createChannel();
  const { detach } = receiveConnections(createServer(), { ...options, detachTimeoutMs: 3_600_000 });
  const detached = vi.fn();
  void detach().then(detached);
  await Promise.resolve();
  expect([sent, detached.mock.calls.length]).toEqual([[{ type: 'detach' }], 0]);
  channel.emit('message', { type: 'detached' });
  await vi.waitFor(() => expect(detached).toHaveBeenCalledOnce());
});

it('does not wait for a supervisor that hangs, dies or has died', async () => {
  const hanging = createChannel();
  await receiveConnections(createServer(), { ...hanging.options, detachTimeoutMs: 1 }).detach();

  const dying = createChannel();
  const detached = receiveConnections(createServer(), { ...dying.options, detachTimeoutMs: 3_600_000 }).detach();
  dying.channel.emit('disconnect');
  await detached;

  const dead = createChannel({ connected: false });
  await receiveConnections(createServer(), { ...dead.options, detachTimeoutMs: 3_600_000 }).detach();
  expect(dead.sent).toEqual([]);
});
