import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { closeConnectionsOnDrain } from './connection-drain.ts';

/** Responds to a request when its body has arrived, by default with a short text. */
async function setUp(respond = (response: ServerResponse): void => void response.end('ok')) {
  const server = createServer({ keepAliveTimeout: 3_600_000 }, (incoming, response) => {
    incoming.resume().on('end', () => respond(response));
  });
  const [refusing, draining] = [new AbortController(), new AbortController()];
  const lifecycle = { isStopping: false, refusing: refusing.signal, draining: draining.signal };
  closeConnectionsOnDrain(server, { lifecycle });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  /** Sends a request. Returns the `Connection` header of its response. */
  async function send({ type, agent: other = agent }: { type?: string; agent?: Agent } = {}): Promise<string | undefined> {
    const outgoing = request({ port, host: '127.0.0.1', agent: other, method: 'POST' });
    if (type) outgoing.setHeader('content-type', type);
    outgoing.end('{}');
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    return response.headers.connection;
  }
  return {
    port,
    send,
    sendOnNewConnection: () => send({ agent: new Agent({ keepAlive: false }) }),
    connections: () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count))),
    stop: () => {
      lifecycle.isStopping = true;
    },
    refuse: () => refusing.abort(),
    drain: () => draining.abort(),
  };
}

it('keeps connections open until the process stops', async () => {
  const { send, connections } = await setUp();
  expect([await send(), await send(), await connections()]).toEqual(['keep-alive', 'keep-alive', 1]);
});

it('closes a connection after its response during the notice, except while a client sends a file', async () => {
  const { send, stop } = await setUp();
  await send();
  stop();
  expect(await send({ type: 'application/jsonl' })).toBe('keep-alive');
  expect(await send({ type: 'application/json; charset=utf-8' })).toBe('close');
  expect(await send()).toBe('close');
});

it('refuses new connections at the end of the notice, and serves the requests on open ones', async () => {
  const { send, sendOnNewConnection, connections, stop, refuse } = await setUp();
  await send();
  stop();
  expect(await sendOnNewConnection()).toBe('close');
  refuse();
  await vi.waitFor(() => expect(sendOnNewConnection()).rejects.toMatchObject({ code: 'ECONNREFUSED' }));
  expect(await connections()).toBe(1);
  expect(await send()).toBe('close');
});

it('closes idle connections when the process rejects new requests', async () => {
  const { send, connections, stop, drain } = await setUp();
  await send();
  expect(await connections()).toBe(1);
  stop();
  drain();
  await vi.waitFor(async () => expect(await connections()).toBe(0));
});

it('closes a connection whose response began before the drain after that response', async () => {
  const begun = Promise.withResolvers<ServerResponse>();
  const { send, connections, drain } = await setUp((response) => {
    response.write('begun');
    begun.resolve(response);
  });
  const sent = send();
  const response = await begun.promise;
  drain();
  // The idle connections have closed before it ends.
  await nextTurns(100);
  response.end();
  expect(await sent).toBe('keep-alive');
  await vi.waitFor(async () => expect(await connections()).toBe(0));
});

it('completes a response that its client reads slowly', async () => {
  const size = 16 << 20;
  const { port, connections, drain } = await setUp((response) => void response.end(Buffer.alloc(size)));
  const outgoing = request({ port, host: '127.0.0.1', method: 'POST' }).end('{}');
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  drain();
  await nextTurns(100);
  expect(await connections()).toBe(1);
  let received = 0;
  for await (const chunk of response) received += chunk.length;
  expect(received).toBe(size);
  await vi.waitFor(async () => expect(await connections()).toBe(0));
});

/** Waits for turns of the event loop, in which a wrong implementation would act. */
async function nextTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
