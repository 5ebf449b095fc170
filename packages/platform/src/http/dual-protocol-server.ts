import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** 1 MiB a stream: node's default of 64 kB made tokens arrive in lumps. */
export const HTTP2_STREAM_WINDOW_BYTES = 1 << 20;
/** 64 MiB a connection, shared by all its streams. */
export const HTTP2_SESSION_WINDOW_BYTES = 64 << 20;
export const HTTP2_STREAMS_MAX = 10_000;

const PREFACE = 'PRI';
/** How long what has been answered may take to get to its caller once all connections are to close. */
const FAREWELL_MS = 1_000;

/**
 * One port for both: HTTP/2 without TLS when a connection opens with its preface, else HTTP/1.1. So the
 * services share one multiplexed connection while people use curl on the same address.
 */
export function createDualProtocolServer(handler: Handler, options: http.ServerOptions): http.Server {
  const http1 = http.createServer(options, handler);
  const h2 = http2.createServer(
    { settings: { initialWindowSize: HTTP2_STREAM_WINDOW_BYTES, maxConcurrentStreams: HTTP2_STREAMS_MAX } },
    handler as unknown as (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
  );
  h2.on('session', (session) => session.on('connect', () => session.setLocalWindowSize(HTTP2_SESSION_WINDOW_BYTES)));
  // An expectation that nobody knows may be ignored; Node would refuse it with an empty answer.
  http1.on('checkExpectation', handler);
  h2.on('checkExpectation', handler);
  // Node only watches for requests that drip in once a server listens, and this one never does by itself.
  const startClocks = () => void http1.emit('listening');
  const stopClocks = () => void http1.close(() => {});

  http1.on('clientError', (error, socket) => {
    if (!listener.emit('clientError', error, socket)) socket.destroy();
  });

  /** Of each connection, what ends it once everything that was written has gone out. */
  const endings = new Map<net.Socket, () => void>();
  let opened: http2.ServerHttp2Session | undefined;
  h2.on('session', (session) => {
    opened = session;
  });
  const listener = net.createServer({ noDelay: true }, (socket) => {
    endings.set(socket, () => socket.destroy());
    socket.once('close', () => endings.delete(socket));
    socket.on('error', () => socket.destroy());
    dispatchByPreface(socket, (isHttp2) => {
      (isHttp2 ? h2 : http1).emit('connection', socket);
      const session = opened;
      opened = undefined;
      endings.set(socket, () => (session ? session.close() : socket.destroySoon()));
    });
  });
  listener.on('listening', startClocks).on('close', stopClocks);

  // The last words of an answer may still be on their way out when the answer counts as closed.
  const closeAllConnections = () => {
    for (const end of endings.values()) end();
    const destroyAll = () => {
      for (const socket of endings.keys()) socket.destroy();
    };
    setTimeout(destroyAll, FAREWELL_MS).unref();
  };
  // Fastify asks an http.Server for more than a net.Server has; these are all that it asks of a custom one.
  return Object.assign(listener, {
    closeAllConnections,
    closeIdleConnections: () => http1.closeIdleConnections(),
  }) as unknown as http.Server;
}

function dispatchByPreface(socket: net.Socket, dispatch: (isHttp2: boolean) => void): void {
  // A connection that sends nothing is not kept for ever.
  socket.setTimeout(30_000, () => socket.destroy());
  let head = Buffer.alloc(0);
  const look = () => {
    const bytes: Buffer | null = socket.read();
    if (bytes !== null) head = Buffer.concat([head, bytes]);
    const isUndecided = head.length < PREFACE.length && PREFACE.startsWith(head.toString('latin1'));
    if (isUndecided) {
      socket.once('readable', look);
      return;
    }
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    // The socket must not be flowing when it is handed over, so the bytes go back in before anybody listens for them.
    socket.unshift(head);
    dispatch(head.toString('latin1', 0, PREFACE.length) === PREFACE);
  };
  socket.once('readable', look);
}
