import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { Readable } from 'node:stream';
import { HTTP2_SESSION_WINDOW_BYTES, HTTP2_STREAM_WINDOW_BYTES, HTTP2_STREAMS_MAX } from '@prodigon/platform';
import type { Exchange, ExchangeRequest, ExchangeResponse } from './exchange.ts';

export interface Http2ExchangeOptions {
  baseUrl: string;
  connectTimeoutMs: number;
  /** How often the other side has to prove that it is alive, and how long it may take, in milliseconds. */
  pingEveryMs?: number;
}

/**
 * HTTP/2 without TLS: one connection, made when first needed and again when it has broken, carries all
 * requests. A process that is frozen keeps its connection open, so it is pinged: else every answer would
 * wait for its deadline.
 */
export function createHttp2Exchange({ baseUrl, connectTimeoutMs, pingEveryMs = 10_000 }: Http2ExchangeOptions): Exchange {
  let current: Promise<ClientHttp2Session> | undefined;

  function session(): Promise<ClientHttp2Session> {
    current ??= connect(baseUrl, connectTimeoutMs).then(
      (connected) => {
        const forget = () => {
          current = undefined;
        };
        connected.once('close', forget).once('goaway', forget);
        keepAsking(connected, pingEveryMs);
        return connected;
      },
      (error) => {
        current = undefined;
        throw error;
      },
    );
    return current;
  }

  return {
    async send(request) {
      return exchange(await session(), request);
    },
    async close() {
      const open = await current?.catch(() => undefined);
      open?.destroy();
    },
  };
}

function keepAsking(session: ClientHttp2Session, everyMs: number): void {
  let isAnswered = true;
  const timer = setInterval(() => {
    if (!isAnswered) return session.destroy(new Error(`No answer to a ping within ${everyMs} ms`));
    isAnswered = false;
    session.ping((error) => {
      isAnswered = error === null;
    });
  }, everyMs);
  // An idle connection must not keep a process from ending.
  timer.unref();
  session.once('close', () => clearInterval(timer));
}

async function connect(baseUrl: string, timeoutMs: number): Promise<ClientHttp2Session> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Session>();
  const session = http2.connect(baseUrl, {
    settings: { initialWindowSize: HTTP2_STREAM_WINDOW_BYTES },
    peerMaxConcurrentStreams: HTTP2_STREAMS_MAX,
  });
  const timer = setTimeout(() => session.destroy(new Error(`Connecting took over ${timeoutMs} ms`)), timeoutMs);
  session.once('connect', () => {
    session.setLocalWindowSize(HTTP2_SESSION_WINDOW_BYTES);
    // An idle connection must not keep a process from ending.
    session.unref();
    resolve(session);
  });
  // Each stream learns of it by itself; without a listener it would end the process.
  session.on('error', reject);
  session.once('close', () => {
    clearTimeout(timer);
    reject(new Error('The connection was closed'));
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(
  session: ClientHttp2Session,
  { method, path, headers, body, signal }: ExchangeRequest,
): Promise<ExchangeResponse> {
  signal.throwIfAborted();
  const stream = session.request({ ':method': method, ':path': path, ...headers });
  const onAbort = () => stream.close(http2.constants.NGHTTP2_CANCEL);
  signal.addEventListener('abort', onAbort, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', onAbort));
  let trailers: IncomingHttpHeaders = {};
  stream.once('trailers', (received) => {
    trailers = received;
  });
  if (body === undefined || typeof body === 'string') stream.end(body);
  else sendBody(body, stream);
  const received = await responseHeaders(stream);
  return { status: Number(received[':status']), headers: received, body: stream, trailers: () => trailers };
}

/** A body that fails ends the request, which is where its sender is told. */
function sendBody(body: AsyncIterable<Uint8Array>, stream: ClientHttp2Stream): void {
  const source = Readable.from(body, { objectMode: false });
  source.once('error', (error) => stream.destroy(error));
  stream.once('close', () => source.destroy());
  source.pipe(stream);
}

function responseHeaders(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingHttpHeaders>();
  stream.once('response', resolve);
  stream.on('error', reject);
  stream.once('close', () => reject(new Error('The service closed the request without an answer')));
  return promise;
}
