import { Readable } from 'node:stream';
import { Agent } from 'undici';
import { ConnectionFailure, type Exchange, type ExchangeRequest, type ExchangeResponse } from './exchange.ts';

/** HTTP/1.1 over a pool of kept connections, one for each request in flight. */
export function createHttp1Exchange({ baseUrl, connectTimeoutMs }: { baseUrl: string; connectTimeoutMs: number }): Exchange {
  const agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  });

  async function requestWith({ method, path, headers, body, signal }: ExchangeRequest) {
    try {
      return await agent.request({ origin: baseUrl, method, path, headers, body: toBody(body), signal });
    } catch (cause) {
      throw signal.aborted ? cause : toConnectionFailure(cause);
    }
  }

  return {
    async send(request) {
      const response = await requestWith(request);
      const { statusCode: status, headers, body } = response;
      return { status, headers, body, trailers: () => response.trailers, closed: closingOf(body, request.signal) };
    },
    close: () => agent.destroy(),
  };
}

function toBody(body: ExchangeRequest['body']): string | Readable | null {
  return body === undefined || typeof body === 'string' ? (body ?? null) : Readable.from(body, { objectMode: false });
}

function closingOf(body: Readable, signal: AbortSignal): ExchangeResponse['closed'] {
  return new Promise((resolve) => {
    body.once('close', () => resolve({ isBroken: !signal.aborted && BROKEN.has(codeOf(body.errored)) }));
  });
}

const BROKEN = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

function toConnectionFailure(cause: unknown): unknown {
  const { syscall } = cause as NodeJS.ErrnoException;
  const code = codeOf(cause);
  // Several addresses of one name fail together, in an error without a system call.
  const isUnmade = syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT';
  if (isUnmade || cause instanceof AggregateError)
    return new ConnectionFailure('The connection was not made', { isSent: false, cause });
  return BROKEN.has(code) ? new ConnectionFailure('The connection broke', { isSent: true, cause }) : cause;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? '';
