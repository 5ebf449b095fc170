import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import net, { type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { HTTP2_SESSION_WINDOW_BYTES, HTTP2_STREAM_WINDOW_BYTES, HTTP2_STREAMS_MAX, PING_INTERVAL_MS } from '@prodigon/platform';
import { createHttp1Transport } from './http1-transport.ts';
import { ConnectionError, isWholeBody, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

const HTTP_PORT = 80;

export interface Http2TransportOptions {
  readonly baseUrl: string;
  readonly connectTimeoutMs: number;
  /** Milliseconds between two pings, and the timeout of each. */
  readonly pingIntervalMs?: number;
  /** Called after a ping timeout. */
  readonly onPingTimeout?: (() => void) | undefined;
}

export interface Http2Transport extends Transport {
  /** Opens a connection unless one is open, so that pings detect a frozen service. */
  ensureConnected(): void;
}

/**
 * Creates a transport over two protocols. Streams share one HTTP/2 connection, and unary responses use keep-alive
 * connections of HTTP/1.1, because each costs least there (docs/decisions/0011-two-lanes.md). The HTTP/2 connection also
 * detects a frozen service: after a ping timeout, the HTTP/1.1 requests fail too.
 */
export function createHybridTransport(options: Omit<Http2TransportOptions, 'onPingTimeout'>): Transport {
  const unary = createHttp1Transport(options);
  const streaming = createHttp2Transport({ ...options, onPingTimeout: () => unary.resetConnections() });
  return {
    send(request) {
      if (!request.isUnary) return streaming.send(request);
      streaming.ensureConnected();
      return unary.send(request);
    },
    async close() {
      await Promise.all([unary.close(), streaming.close()]);
    },
  };
}

/**
 * Creates a transport over HTTP/2 without TLS. One connection carries all requests. It opens with the first request, and
 * again after a failure. Pings detect a frozen process, which keeps its connection open and would let every request run into its
 * deadline.
 */
export function createHttp2Transport({
  baseUrl,
  connectTimeoutMs,
  pingIntervalMs = PING_INTERVAL_MS,
  onPingTimeout = () => {},
}: Http2TransportOptions): Http2Transport {
  let current: Promise<ClientHttp2Session> | undefined;
  // After GOAWAY a session stays open beside the current one until its last response has ended.
  const sessions = new Map<ClientHttp2Session, Socket>();

  function connect(): Promise<ClientHttp2Session> {
    if (current) return current;
    const { session, socket } = openSession(baseUrl);
    sessions.set(session, socket);
    const connecting = waitForConnect(session, socket, connectTimeoutMs);
    const retire = () => {
      if (current === connecting) current = undefined;
    };
    session.once('goaway', retire).once('close', () => {
      retire();
      sessions.delete(session);
    });
    pingRegularly(session, pingIntervalMs, onPingTimeout);
    current = connecting;
    return connecting;
  }

  return {
    send: async (request) => sendOn(await connect(), request),
    ensureConnected() {
      // Requests on this connection report its failure.
      if (!current) connect().catch(() => {});
    },
    async close() {
      for (const [session, socket] of sessions) {
        session.destroy();
        if (socket.connecting) socket.destroy();
      }
    },
  };
}

/** Opens a session over a socket of our own, because a session cannot close a socket that is still connecting. */
function openSession(baseUrl: string): { readonly session: ClientHttp2Session; readonly socket: Socket } {
  const { hostname, port } = new URL(baseUrl);
  const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || HTTP_PORT) });
  const session = http2.connect(baseUrl, {
    createConnection: () => socket,
    settings: { initialWindowSize: HTTP2_STREAM_WINDOW_BYTES },
    peerMaxConcurrentStreams: HTTP2_STREAMS_MAX,
  });
  // Each stream reports the error itself; without a listener it would end the process.
  return { session: session.on('error', () => {}), socket };
}

function pingRegularly(session: ClientHttp2Session, intervalMs: number, onTimeout: () => void): void {
  session.once('connect', () => {
    let isAnswered = true;
    const timer = setInterval(() => {
      // After GOAWAY, a session is destroyed but emits 'close' only when the service closes its side of the connection.
      if (session.destroyed) return clearInterval(timer);
      if (!isAnswered) {
        session.destroy(new Error(`No answer to a ping within ${intervalMs} ms`));
        return onTimeout();
      }
      isAnswered = false;
      session.ping((error) => {
        isAnswered = error === null;
      });
    }, intervalMs);
    // An idle connection must not keep the process running.
    timer.unref();
    session.once('close', () => clearInterval(timer));
  });
}

async function waitForConnect(session: ClientHttp2Session, socket: Socket, timeoutMs: number): Promise<ClientHttp2Session> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Session>();
  const fail = (cause?: Error) => reject(new ConnectionError('Connecting failed', { isRequestSent: false, cause }));
  const timer = setTimeout(() => {
    const error = new Error(`Connecting took over ${timeoutMs} ms`);
    session.destroy(error);
    // The session would wait for the socket, which can take minutes if the host has gone.
    socket.destroy(error);
    fail(error);
  }, timeoutMs);
  session.once('connect', () => {
    // A connection that opens right after the timeout emits this event although the session is destroyed.
    if (session.destroyed) return;
    session.setLocalWindowSize(HTTP2_SESSION_WINDOW_BYTES);
    // An idle connection must not keep the process running.
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

async function sendOn(session: ClientHttp2Session, request: TransportRequest): Promise<TransportResponse> {
  const { body, signal } = request;
  signal.throwIfAborted();
  const stream = openStream(session, request);
  const onAbort = () => stream.close(http2.constants.NGHTTP2_CANCEL);
  signal.addEventListener('abort', onAbort, { once: true });
  // Cancelling one stream, on either side, does not break its connection.
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
  if (body === undefined || isWholeBody(body)) stream.end(body);
  else sendBody(body, stream);
  const headers = await waitForHeaders(stream, isBroken);
  return { status: Number(headers[':status']), headers, body: stream, trailers: () => trailers ?? {}, closed };
}

/** Distinguishes a complete stream from one whose socket closed, which ends without an error too. */
const isComplete = ({ readableEnded, rstCode }: ClientHttp2Stream): boolean =>
  readableEnded && rstCode === http2.constants.NGHTTP2_NO_ERROR;

function openStream(session: ClientHttp2Session, { method, path, headers, body }: TransportRequest): ClientHttp2Stream {
  // The service compares the length, because a cancelled request ends as if it were complete.
  const length = isWholeBody(body) && { 'content-length': String(Buffer.byteLength(body)) };
  try {
    return session.request({ ':method': method, ':path': path, ...headers, ...length });
  } catch (cause) {
    // The connection may have closed after `connect()` returned it.
    const isClosed = session.destroyed || session.closed;
    throw isClosed ? new ConnectionError('The connection closed', { isRequestSent: false, cause }) : cause;
  }
}

/** Sends a body in chunks. A body that fails cancels the request, which rejects with its error. */
function sendBody(body: AsyncIterable<Uint8Array>, stream: ClientHttp2Stream): void {
  const source = Readable.from(body, { objectMode: false });
  source.once('error', (error) => stream.destroy(error));
  stream.once('close', () => source.destroy());
  source.pipe(stream);
}

function waitForHeaders(stream: ClientHttp2Stream, isBroken: () => boolean): Promise<IncomingHttpHeaders> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingHttpHeaders>();
  stream.once('response', resolve);
  const fail = (cause: Error) => {
    // After GOAWAY, the service rejects new streams before processing them (RFC 9113, section 8.7).
    const isRefused = stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM;
    const isConnectionError = isRefused || isBroken();
    reject(isConnectionError ? new ConnectionError(cause.message, { isRequestSent: !isRefused, cause }) : cause);
  };
  stream.on('error', fail);
  stream.once('close', () => fail(new Error('The service closed the request without a response')));
  return promise;
}
