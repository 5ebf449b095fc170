import { AppError } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

export interface FakeResponse {
  readonly status?: number;
  /** With the `content-length` of `chunks` unless there are trailers. */
  readonly headers?: TransportResponse['headers'];
  readonly chunks?: readonly string[];
  /** Thrown after the chunks. */
  readonly bodyError?: Error;
  readonly trailers?: Record<string, string>;
  readonly isBroken?: boolean;
}

/** Creates a transport that records requests, and responds to them in order or throws. The last response repeats. */
export function createFakeTransport(
  ...responses: (FakeResponse | Error)[]
): Transport & { readonly requests: TransportRequest[] } {
  const requests: TransportRequest[] = [];
  return {
    requests,
    async send(request) {
      requests.push(request);
      const response = responses[Math.min(requests.length, responses.length) - 1] ?? {};
      if (response instanceof Error) throw response;
      const { status = 200, chunks = [], bodyError, trailers = {}, isBroken = false } = response;
      const length = response.trailers ? {} : { 'content-length': String(Buffer.byteLength(chunks.join(''))) };
      const headers = { ...length, ...response.headers };
      async function* body() {
        for (const chunk of chunks) yield Buffer.from(chunk);
        if (bodyError) throw bodyError;
      }
      return { status, headers, body: body(), trailers: () => trailers, closed: Promise.resolve({ isBroken }) };
    },
    close: async () => {},
  };
}

export function createContext(fields: Partial<CallContext> = {}): CallContext {
  return {
    requestId: 'request-1',
    traceparent: 'trace-1',
    principal: { id: 'ada' },
    deadline: performance.now() + 5_000,
    signal: new AbortController().signal,
    ...fields,
  };
}

export const CANCELLED = new AppError('CANCELLED');
export const cancelledContext = (): CallContext => createContext({ signal: AbortSignal.abort(CANCELLED) });
