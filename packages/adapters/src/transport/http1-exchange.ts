import { Readable } from 'node:stream';
import { Agent } from 'undici';
import type { Exchange, ExchangeRequest } from './exchange.ts';

/** HTTP/1.1 over a pool of kept connections, one for each request in flight. */
export function createHttp1Exchange({ baseUrl, connectTimeoutMs }: { baseUrl: string; connectTimeoutMs: number }): Exchange {
  const agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  });
  return {
    async send({ method, path, headers, body, signal }) {
      const response = await agent.request({ origin: baseUrl, method, path, headers, body: toBody(body), signal });
      return { status: response.statusCode, headers: response.headers, body: response.body, trailers: () => response.trailers };
    },
    close: () => agent.destroy(),
  };
}

function toBody(body: ExchangeRequest['body']): string | Readable | null {
  return body === undefined || typeof body === 'string' ? (body ?? null) : Readable.from(body, { objectMode: false });
}
