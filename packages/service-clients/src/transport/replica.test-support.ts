import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDualProtocolServer, INTERNAL_HEADERS } from '@prodigon/platform';
import { onTestFinished } from 'vitest';

type Respond = (response: ServerResponse, request: IncomingMessage) => void;

export interface FakeReplica {
  readonly url: string;
  /** The requests that it received, `/readyz` excluded. */
  readonly received: string[];
  /** Sets the response to later requests. */
  respondWith(respond: Respond): void;
  /** Closes its connections and its port, as a killed process does. */
  kill(): Promise<void>;
  /** Listens on the same port again. */
  revive(): Promise<void>;
}

/** Starts a server that speaks both protocols, as a service process does. It responds with its name. */
export async function startReplica(name: string): Promise<FakeReplica> {
  const received: string[] = [];
  const withName: Respond = (response) => response.end(name);
  let respond = withName;
  let isReady = true;
  const listen = async (port: number) => {
    const server = createDualProtocolServer((request, response) => {
      if (request.url === '/readyz') return void response.writeHead(isReady ? 200 : 503).end('{}');
      received.push(`${request.method} ${request.url}`);
      respond(response, request);
    }, {});
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const kill = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  onTestFinished(kill);
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    respondWith(next) {
      respond = next;
      isReady = next !== rejectWhileDraining;
    },
    kill,
    async revive() {
      respond = withName;
      isReady = true;
      if (!server.listening) server = await listen(port);
    },
  };
}

/** Rejects a request before processing it, as a draining replica does. */
export const rejectWhileDraining: Respond = (response) =>
  void response.writeHead(503, { [INTERNAL_HEADERS.rejected]: 'draining' }).end('draining');

export interface ManualTimers {
  after(ms: number, callback: () => void): () => void;
  /** Returns the delays of the pending timers, in milliseconds. */
  waiting(): number[];
  /** Fires the timer with this delay. */
  fire(ms: number): void;
}

export function createManualTimers(): ManualTimers {
  const timers = new Set<{ ms: number; callback: () => void }>();
  return {
    after(ms, callback) {
      const timer = { ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    waiting: () => [...timers].map(({ ms }) => ms),
    fire(ms) {
      const timer = [...timers].find((candidate) => candidate.ms === ms);
      if (!timer) throw new Error(`No timer waits for ${ms} ms, only for ${[...timers].map((other) => other.ms)}`);
      timers.delete(timer);
      timer.callback();
    },
  };
}
