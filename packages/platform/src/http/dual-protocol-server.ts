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

  const sockets = new Set<net.Socket>();
  const listener = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    dispatchByPreface(socket, (isHttp2) => (isHttp2 ? h2 : http1).emit('connection', socket));
  });
  listener.on('listening', startClocks).on('close', stopClocks);

  const closeAllConnections = () => {
    for (const socket of sockets) socket.destroy();
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
