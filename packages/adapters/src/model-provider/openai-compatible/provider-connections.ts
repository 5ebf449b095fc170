import { Client } from 'undici';
import { connectProvider } from './connect-provider.ts';
import { IncomingAnswer } from './incoming-answer.ts';
import type { PacedSocket } from './paced-socket.ts';
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

interface Connection {
  readonly client: Client;
  /** While there is one, unless it has TLS. */
  socket: PacedSocket | undefined;
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
  const all: Connection[] = [];
  const free: Connection[] = [];

  function createConnection(): Connection {
    const connect = connectProvider({
      timeoutMs: connectTimeoutMs,
      pacer,
      onConnected: (socket) => {
        connection.socket = socket;
      },
    });
    // The waiting is timed by who calls us, since only they know whether anybody waits.
    const client = new Client(origin, { connect, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 });
    const connection: Connection = { client, socket: undefined };
    all.push(connection);
    return connection;
  }

  return {
    send({ signal, ...line }) {
      const connection = free.pop() ?? createConnection();
      const pace = (isPaced: boolean) => {
        if (connection.socket) connection.socket.isPaced = isPaced;
      };
      const onOver = () => {
        pace(false);
        free.push(connection);
      };
      const answer = new IncomingAnswer({ signal, pace, onOver });
      connection.client.dispatch(line, answer);
      return answer.head;
    },
    async close() {
      await Promise.all(all.map(({ client }) => client.destroy()));
    },
  };
}
