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
  http1.on('clientError', (error, socket) => listener.emit('clientError', error, socket));

  const sockets = new Set<net.Socket>();
  const listener = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    dispatchByPreface(socket, (isHttp2) => (isHttp2 ? h2 : http1).emit('connection', socket));
  });
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
  const look = () => {
    const head: Buffer | null = socket.read();
    if (head === null || head.length < PREFACE.length) {
      if (head) socket.unshift(head);
      socket.once('readable', look);
      return;
    }
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    socket.unshift(head);
    dispatch(head.toString('latin1', 0, PREFACE.length) === PREFACE);
  };
  socket.once('readable', look);
}
