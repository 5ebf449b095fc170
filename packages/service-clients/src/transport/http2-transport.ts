import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { Readable } from 'node:stream';
import { HTTP2_SESSION_WINDOW_BYTES, HTTP2_STREAM_WINDOW_BYTES, HTTP2_STREAMS_MAX } from '@prodigon/platform';
import { ConnectionError, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

export interface Http2TransportOptions {
  baseUrl: string;
  connectTimeoutMs: number;
  /** How often the other side has to prove that it is alive, and how long it may take, in milliseconds. */
  pingIntervalMs?: number;
  /** Called when a ping stayed without an answer. */
  onPingTimeout?: (() => void) | undefined;
}

export interface Http2Transport extends Transport {
  /** Connects, if it is not connected, so that silence is noticed. */
  ensureConnected(): void;
}

/**
 * HTTP/2 without TLS: one connection, made when first needed and again when it has broken, carries all
 * requests. A process that is frozen keeps its connection open, so it is pinged: else every answer would
 * wait for its deadline.
 */
export function createHttp2Transport({
  baseUrl,
  connectTimeoutMs,
  pingIntervalMs = 10_000,
  onPingTimeout = () => {},
}: Http2TransportOptions): Http2Transport {
  let current: Promise<ClientHttp2Session> | undefined;
  // One that the service has said goodbye to goes on beside the current one until its last answer has ended.
  const open = new Set<ClientHttp2Session>();

  function session(): Promise<ClientHttp2Session> {
    if (current) return current;
    const opening = openSession(baseUrl);
    open.add(opening);
    const connecting = connected(opening, connectTimeoutMs);
    const forget = () => {
      if (current === connecting) current = undefined;
    };
    opening.once('goaway', forget).once('close', () => {
      forget();
      open.delete(opening);
    });
    keepAsking(opening, pingIntervalMs, onPingTimeout);
    current = connecting;
    return connecting;
  }

  return {
    async send(request) {
      return exchange(await session(), request);
    },
    ensureConnected() {
      // Who asks on it is told when it fails.
      if (!current) session().catch(() => {});
    },
    async close() {
      for (const each of open) each.destroy();
    },
  };
}

function openSession(baseUrl: string): ClientHttp2Session {
  const session = http2.connect(baseUrl, {
    settings: { initialWindowSize: HTTP2_STREAM_WINDOW_BYTES },
    peerMaxConcurrentStreams: HTTP2_STREAMS_MAX,
  });
  // Each stream learns of it by itself; without a listener it would end the process.
  return session.on('error', () => {});
}

function keepAsking(session: ClientHttp2Session, everyMs: number, onSilence: () => void): void {
  session.once('connect', () => {
    let isAnswered = true;
    const timer = setInterval(() => {
      if (!isAnswered) {
        session.destroy(new Error(`No answer to a ping within ${everyMs} ms`));
        return onSilence();
      }
      isAnswered = false;
      session.ping((error) => {
        isAnswered = error === null;
      });
    }, everyMs);
    // An idle connection must not keep a process from ending.
    timer.unref();
    session.once('close', () => clearInterval(timer));
  });
}

async function connected(session: ClientHttp2Session, timeoutMs: number): Promise<ClientHttp2Session> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Session>();
  const fail = (cause?: Error) => reject(new ConnectionError('The connection was not made', { isSent: false, cause }));
  const timer = setTimeout(() => session.destroy(new Error(`Connecting took over ${timeoutMs} ms`)), timeoutMs);
  session.once('connect', () => {
    session.setLocalWindowSize(HTTP2_SESSION_WINDOW_BYTES);
    // An idle connection must not keep a process from ending.
    session.unref();
    resolve(session);
  });
  session.once('error', fail).once('close', () => fail());
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(session: ClientHttp2Session, request: TransportRequest): Promise<TransportResponse> {
  const { body, signal } = request;
  signal.throwIfAborted();
  const stream = openStream(session, request);
  const onAbort = () => stream.close(http2.constants.NGHTTP2_CANCEL);
  signal.addEventListener('abort', onAbort, { once: true });
  // A stream that is given up alone, by either side, leaves its connection whole.
  const isBroken = () => session.destroyed && !signal.aborted && !isComplete(stream);
  const closed = new Promise<{ isBroken: boolean }>((resolve) => {
    stream.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      resolve({ isBroken: isBroken() });
    });
  });
  let trailers: IncomingHttpHeaders | undefined;
  stream.once('trailers', (received) => {
    trailers = received;
  });
  if (body === undefined || typeof body === 'string') stream.end(body);
  else sendBody(body, stream);
  const received = await responseHeaders(stream, isBroken);
  return { status: Number(received[':status']), headers: received, body: stream, trailers: () => trailers ?? {}, closed };
}

/** A stream whose socket closes ends without an error, as if it were complete. */
const isComplete = ({ readableEnded, rstCode }: ClientHttp2Stream): boolean =>
  readableEnded && rstCode === http2.constants.NGHTTP2_NO_ERROR;

/** The connection may have gone since it was asked for. */
function openStream(session: ClientHttp2Session, { method, path, headers }: TransportRequest): ClientHttp2Stream {
  try {
    return session.request({ ':method': method, ':path': path, ...headers });
  } catch (cause) {
    const isGone = session.destroyed || session.closed;
    throw isGone ? new ConnectionError('The connection has gone', { isSent: false, cause }) : cause;
  }
}

/** A body that fails ends the request, which is where its sender is told. */
function sendBody(body: AsyncIterable<Uint8Array>, stream: ClientHttp2Stream): void {
  const source = Readable.from(body, { objectMode: false });
  source.once('error', (error) => stream.destroy(error));
  stream.once('close', () => source.destroy());
  source.pipe(stream);
}

function responseHeaders(stream: ClientHttp2Stream, isBroken: () => boolean): Promise<IncomingHttpHeaders> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingHttpHeaders>();
  stream.once('response', resolve);
  const fail = (cause: Error) => {
    // What crosses a goodbye on its way has not been looked at (RFC 9113, section 8.7).
    const isRefused = stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM;
    const isConnection = isRefused || isBroken();
    reject(isConnection ? new ConnectionError(cause.message, { isSent: !isRefused, cause }) : cause);
  };
  stream.on('error', fail);
  stream.once('close', () => fail(new Error('The service closed the request without an answer')));
  return promise;
}
