import { Readable } from 'node:stream';
import { createConnectionPool } from '@prodigon/platform/http-client';
import { errors } from 'undici';
import { ConnectionError, type Transport, type TransportRequest } from './transport.ts';

export interface Http1Transport extends Transport {
  /** The service is silent on another connection: what waits for it here breaks. */
  resetConnections(): void;
}

/** HTTP/1.1 over a pool of kept connections, one for each request in flight. */
export function createHttp1Transport({
  baseUrl,
  connectTimeoutMs,
}: {
  baseUrl: string;
  connectTimeoutMs: number;
}): Http1Transport {
  const pool = createConnectionPool({ origin: new URL(baseUrl).origin, connectTimeoutMs });

  return {
    async send({ method, path, headers, body, signal }) {
      try {
        const answer = await pool.send({ method, path, headers, body: toBody(body), signal });
        const closed = answer.closed.then((reason) => ({ isBroken: !signal.aborted && BROKEN.has(codeOf(reason)) }));
        return { status: answer.status, headers: answer.headers, body: answer, trailers: () => answer.trailers ?? {}, closed };
      } catch (cause) {
        throw signal.aborted ? cause : toConnectionFailure(cause);
      }
    },
    resetConnections: () => void pool.reset(new errors.SocketError('The service is silent')),
    close: () => pool.close(),
  };
}

function toBody(body: TransportRequest['body']): string | Readable | null {
  return body === undefined || typeof body === 'string' ? (body ?? null) : Readable.from(body, { objectMode: false });
}

const BROKEN = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

function toConnectionFailure(cause: unknown): unknown {
  const { syscall } = cause as NodeJS.ErrnoException;
  const code = codeOf(cause);
  // Several addresses of one name fail together, in an error without a system call.
  const isUnmade = syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT';
  if (isUnmade || cause instanceof AggregateError)
    return new ConnectionError('The connection was not made', { isSent: false, cause });
  return BROKEN.has(code) ? new ConnectionError('The connection broke', { isSent: true, cause }) : cause;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null | undefined)?.code ?? '';
