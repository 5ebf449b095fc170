import { buildConnector, Client } from 'undici';
import { IncomingAnswer } from './incoming-answer.ts';
import type { ReadPacer } from './read-pacer.ts';

export interface ProviderConnectionsOptions {
  /** E.g. `https://api.openai.com`. */
  origin: string;
  connectTimeoutMs: number;
  pacer: ReadPacer;
}

export interface ProviderRequestLine {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
  /** Aborting it ends the call on the wire, and what waits for it rejects with its reason. */
  readonly signal: AbortSignal;
}

export interface ProviderConnections {
  /** Resolves with the head of the answer. Rejects with what went wrong on the wire, or with the signal's reason. */
  send(request: ProviderRequestLine): Promise<IncomingAnswer>;
  close(): Promise<void>;
}

/**
 * Connections to one address, each with one call at a time. The one that was free last is taken first: a pool that
 * looks through its connections for a free one costs a busy process more with each of them.
 */
export function createProviderConnections({ origin, connectTimeoutMs, pacer }: ProviderConnectionsOptions): ProviderConnections {
  // One byte: the socket reads on only once what it has read is taken, so what waits stays with the kernel.
  const connect = buildConnector({ timeout: connectTimeoutMs, highWaterMark: 1 } as buildConnector.BuildOptions);
  const all = new Set<Client>();
  const free: Client[] = [];

  function createClient(): Client {
    // The waiting is timed by who calls us, since only they know whether anybody waits.
    const client = new Client(origin, { connect, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 });
    all.add(client);
    return client;
  }

  return {
    send({ signal, ...line }) {
      const client = free.pop() ?? createClient();
      const answer = new IncomingAnswer({ signal, pacer, onOver: () => free.push(client) });
      client.dispatch(line, answer);
      return answer.head;
    },
    async close() {
      await Promise.all([...all].map((client) => client.destroy()));
    },
  };
}
