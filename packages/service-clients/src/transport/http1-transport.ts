import { Readable } from 'node:stream';
import { createConnectionPool } from '@prodigon/platform/http-client';
import { errors } from 'undici';
import { ConnectionError, isWholeBody, type Transport, type TransportRequest, type WholeBody } from './transport.ts';

export interface Http1Transport extends Transport {
  /** Fails all pending requests and closes their connections. */
  resetConnections(): void;
}

/** Creates a transport over HTTP/1.1 with a pool of keep-alive connections, one for each request in flight. */
export function createHttp1Transport({
  baseUrl,
  ...options
}: {
  baseUrl: string;
  connectTimeoutMs: number;
  /** Closes a connection after this many requests. */
  requestsPerConnectionMax?: number | undefined;
}): Http1Transport {
  const pool = createConnectionPool({ origin: new URL(baseUrl).origin, ...options });

  return {
    async send({ method, path, headers, body, signal }) {
      try {
        const response = await pool.send({ method, path, headers, body: toBody(body), signal });
        const closed = response.closed.then((reason) => ({ isBroken: !signal.aborted && BROKEN.has(codeOf(reason)) }));
        const { status, headers: received } = response;
        return { status, headers: received, body: response, trailers: () => response.trailers ?? {}, closed };
      } catch (cause) {
        throw signal.aborted ? cause : toConnectionError(cause);
      }
    },
    resetConnections: () => void pool.reset(new errors.SocketError('The service does not answer pings')),
    close: () => pool.close(),
  };
}

function toBody(body: TransportRequest['body']): WholeBody | Readable | null {
  return body === undefined || isWholeBody(body) ? (body ?? null) : Readable.from(body, { objectMode: false });
}

const BROKEN = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

function toConnectionError(cause: unknown): unknown {
  const { syscall } = cause as NodeJS.ErrnoException;
  const code = codeOf(cause);
  // A host name with several addresses fails with an AggregateError, which names no system call.
  const isConnecting =
    syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT' || cause instanceof AggregateError;
  if (isConnecting) return new ConnectionError('Connecting failed', { isRequestSent: false, cause });
  return BROKEN.has(code) ? new ConnectionError('The connection broke', { isRequestSent: true, cause }) : cause;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null | undefined)?.code ?? '';
