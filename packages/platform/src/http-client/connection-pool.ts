import type { Readable } from 'node:stream';
import { buildConnector, Client } from 'undici';
import { createCoalescingConnector } from './coalescing-connector.ts';
import type { CoalescingSocket } from './coalescing-socket.ts';
import { IncomingResponse } from './incoming-response.ts';
import type { ReadCoalescer } from './read-coalescer.ts';

export interface ConnectionPoolOptions {
  /** E.g. `https://api.openai.com`. */
  origin: string;
  connectTimeoutMs: number;
  /** Spaces the reads of answers that ask for it. */
  readCoalescer?: ReadCoalescer | undefined;
}

export interface PooledRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Readable | null;
  /** Aborting it ends the call on the wire, and what waits for it rejects with its reason. */
  readonly signal: AbortSignal;
}

export interface ConnectionPool {
  /** Resolves with the head of the answer. Rejects with what went wrong on the wire, or with the signal's reason. */
  send(request: PooledRequest): Promise<IncomingResponse>;
  /** Ends all connections, and the calls on them with `reason`; those that follow are connected anew. */
  reset(reason: Error): Promise<void>;
  close(): Promise<void>;
}

interface Connection {
  readonly client: Client;
  /** While there is one that can be paced. */
  socket: CoalescingSocket | undefined;
}

/**
 * Connections of HTTP/1.1 to one address, each with one call at a time. The one that was free last is taken first: a
 * pool that looks through its connections for a free one costs a busy process more with each of them.
 */
export function createConnectionPool({ origin, connectTimeoutMs, readCoalescer }: ConnectionPoolOptions): ConnectionPool {
  let all = new Set<Connection>();
  let free: Connection[] = [];

  function createConnection(): Connection {
    const connect = readCoalescer
      ? createCoalescingConnector({
          timeoutMs: connectTimeoutMs,
          readCoalescer: readCoalescer,
          onConnected: (socket) => {
            connection.socket = socket;
          },
        })
      : buildConnector({ timeout: connectTimeoutMs });
    // The waiting is timed by who calls us, since only they know whether anybody waits.
    const client = new Client(origin, { connect, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 });
    const connection: Connection = { client, socket: undefined };
    all.add(connection);
    return connection;
  }

  async function reset(reason?: Error): Promise<void> {
    const ended = [...all];
    all = new Set();
    free = [];
    await Promise.all(ended.map(({ client }) => (reason ? client.destroy(reason) : client.destroy())));
  }

  return {
    send({ signal, ...line }) {
      const connection = free.pop() ?? createConnection();
      const pace = (isPaced: boolean) => {
        if (connection.socket) connection.socket.isPaced = isPaced;
      };
      const onOver = () => {
        pace(false);
        if (all.has(connection)) free.push(connection);
      };
      const answer = new IncomingResponse({ signal, pace, onOver });
      connection.client.dispatch(line, answer);
      return answer.head;
    },
    reset,
    close: () => reset(),
  };
}
