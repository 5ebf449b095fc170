import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDualProtocolServer, INTERNAL_HEADERS } from '@prodigon/platform';
import { onTestFinished } from 'vitest';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface FakeReplica {
  readonly url: string;
  /** What it was asked besides `/readyz`. */
  readonly asked: string[];
  /** How it answers from now on. */
  answer(answer: Answer): void;
  /** As a killed process: its connections break and nobody listens any more. */
  kill(): Promise<void>;
  /** Listens again where it did. */
  revive(): Promise<void>;
}

/** A little server that speaks both protocols, as a process of a service does. Answers with its name. */
export async function startReplica(name: string): Promise<FakeReplica> {
  const asked: string[] = [];
  const byName: Answer = (response) => response.end(name);
  let answer = byName;
  let isReady = true;
  const listen = async (port: number) => {
    const server = createDualProtocolServer((request, response) => {
      if (request.url === '/readyz') return void response.writeHead(isReady ? 200 : 503).end('{}');
      asked.push(`${request.method} ${request.url}`);
      answer(response, request);
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
    asked,
    answer(next) {
      answer = next;
      isReady = next !== refuse;
    },
    kill,
    async revive() {
      answer = byName;
      isReady = true;
      if (!server.listening) server = await listen(port);
    },
  };
}

/** The answer of one that drains. */
export const refuse: Answer = (response) =>
  void response.writeHead(503, { [INTERNAL_HEADERS.rejected]: 'draining' }).end('refused');

export interface ManualTimers {
  after(ms: number, callback: () => void): () => void;
  /** Delays that somebody waits for, in milliseconds. */
  waiting(): number[];
  /** Lets the timer of this delay fire now. */
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
      if (!timer) throw new Error(`Nobody waits for ${ms} ms, only for ${[...timers].map((other) => other.ms)}`);
      timers.delete(timer);
      timer.callback();
    },
  };
}
