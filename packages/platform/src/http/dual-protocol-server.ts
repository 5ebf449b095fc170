import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** 1 MiB per stream. With Node's default of 64 kB tokens arrive in batches. */
export const HTTP2_STREAM_WINDOW_BYTES = 1 << 20;
/** 64 MiB per connection, shared by all its streams. */
export const HTTP2_SESSION_WINDOW_BYTES = 64 << 20;
export const HTTP2_STREAMS_MAX = 10_000;
/** Milliseconds between two pings of a connection between services, and the timeout of each. A frozen process or a cut link is detected after both. */
export const PING_INTERVAL_MS = 5_000;

const PREFACE = 'PRI';
/** Milliseconds without traffic after which the kernel probes a client, whose host may have lost its power or its network. */
const KEEP_ALIVE_DELAY_MS = 30_000;
/** Milliseconds that written responses may take to reach their clients when all connections close. */
const CLOSE_GRACE_MS = 1_000;

/**
 * Creates a server that speaks HTTP/2 without TLS on connections that open with its preface, and HTTP/1.1 on all others.
 * The services share one multiplexed connection, and curl works on the same port.
 */
export function createDualProtocolServer(handler: Handler, httpOptions: http.ServerOptions): http.Server {
  const http1 = http.createServer(httpOptions, handler);
  const h2 = http2.createServer(
    { settings: { initialWindowSize: HTTP2_STREAM_WINDOW_BYTES, maxConcurrentStreams: HTTP2_STREAMS_MAX } },
    handler as unknown as (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
  );
  h2.on('session', (session) => session.on('connect', () => session.setLocalWindowSize(HTTP2_SESSION_WINDOW_BYTES)));
  // Ignores unknown `Expect` headers, as HTTP allows. Node would reject them with an empty body.
  http1.on('checkExpectation', handler);
  h2.on('checkExpectation', handler);
  // Node enforces request timeouts only while a server listens, and this one never listens itself.
  const startTimeoutChecks = () => void http1.emit('listening');
  const stopTimeoutChecks = () => void http1.close(() => {});

  http1.on('clientError', (error, socket) => {
    if (!listener.emit('clientError', error, socket)) socket.destroy();
  });

  /** Functions that close each connection after its pending writes. */
  const closers = new Map<net.Socket, () => void>();
  let lastSession: http2.ServerHttp2Session | undefined;
  h2.on('session', (session) => {
    lastSession = session;
  });
  // An HTTP/2 connection has no idle timeout, so that the connections of lost hosts would stay for ever.
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
  const listener = net.createServer(options, (socket) => {
    closers.set(socket, () => socket.destroy());
    socket.once('close', () => closers.delete(socket));
    socket.on('error', () => socket.destroy());
    dispatchByPreface(socket, (isHttp2) => {
      (isHttp2 ? h2 : http1).emit('connection', socket);
      const session = lastSession;
      lastSession = undefined;
      closers.set(socket, () => (session ? session.close() : socket.destroySoon()));
    });
  });
  listener.on('listening', startTimeoutChecks).on('close', stopTimeoutChecks);

  // The last bytes of a response may still be in flight when the response counts as closed.
  const closeAllConnections = () => {
    for (const close of closers.values()) close();
    const destroyAll = () => {
      for (const socket of closers.keys()) socket.destroy();
    };
    setTimeout(destroyAll, CLOSE_GRACE_MS).unref();
  };
  // Fastify calls these two methods of an http.Server, which a net.Server lacks.
  return Object.assign(listener, {
    closeAllConnections,
    closeIdleConnections: () => http1.closeIdleConnections(),
  }) as unknown as http.Server;
}

function dispatchByPreface(socket: net.Socket, dispatch: (isHttp2: boolean) => void): void {
  // Closes connections that send nothing.
  socket.setTimeout(30_000, () => socket.destroy());
  let head = Buffer.alloc(0);
  const inspect = () => {
    const bytes: Buffer | null = socket.read();
    if (bytes !== null) head = Buffer.concat([head, bytes]);
    const isUndecided = head.length < PREFACE.length && PREFACE.startsWith(head.toString('latin1'));
    if (isUndecided) {
      socket.once('readable', inspect);
      return;
    }
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    // Unshift the bytes before a server listens for data, because the socket must not flow yet.
    socket.unshift(head);
    dispatch(head.toString('latin1', 0, PREFACE.length) === PREFACE);
  };
  socket.once('readable', inspect);
}
