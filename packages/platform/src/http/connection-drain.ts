import type { IncomingMessage, Server } from 'node:http';
import { type Socket, Server as TcpServer } from 'node:net';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';
import { currentResponse } from './current-response.ts';

export interface ConnectionDrainOptions {
  readonly lifecycle: Pick<Lifecycle, 'isStopping' | 'refusing' | 'draining'>;
}

/**
 * Moves the clients of a server that stops to another gateway. From the notice on, each keep-alive connection closes after
 * its response. Shortly before the end of the notice, the server accepts no more connections. At the end, all idle ones
 * close, and the others after their responses.
 */
export function closeConnectionsOnDrain(server: Server, { lifecycle }: ConnectionDrainOptions): void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', (request, response) => {
    if (lifecycle.isStopping && !isUpload(request)) response.setHeader('connection', 'close');
  });
  // An HTTP server would also close its idle connections.
  const stopListening = () => void TcpServer.prototype.close.call(server);
  lifecycle.refusing.addEventListener('abort', () => inQuietTurn(stopListening), { once: true });

  function drain(): void {
    for (const socket of sockets)
      currentResponse(socket)?.once('finish', () => {
        // Together with the end of the response, so that no proxy keeps the connection for another request.
        socket.destroySoon();
        closeIdleConnections();
      });
    closeIdleConnections();
  }

  function closeIdleConnections(): void {
    inQuietTurn(() => {
      // Node would also close a connection that still sends the rest of its response.
      if (![...sockets].some(isSending)) server.closeIdleConnections();
    });
  }

  lifecycle.draining.addEventListener('abort', drain, { once: true });
}

function isSending(socket: Socket): boolean {
  const response = currentResponse(socket);
  return response ? response.writableEnded && !response.writableFinished : false;
}

/** A client that is still sending a file would lose the response with its connection. */
function isUpload({ headers }: IncomingMessage): boolean {
  const type = headers['content-type'];
  return type !== undefined && !/^application\/json\b/i.test(type);
}

const QUIET_TURN_MS_MAX = 0.3;
const TURNS_MAX = 1_000;

/**
 * Calls back right after a turn of the event loop that had nothing to do. In a busy turn, a connection or request could have
 * arrived that the process has not read yet: closing would reset it, and no proxy may repeat it.
 */
function inQuietTurn(callback: () => void, turnsLeft = TURNS_MAX): void {
  const startedAt = performance.now();
  setImmediate(() => {
    if (performance.now() - startedAt <= QUIET_TURN_MS_MAX || turnsLeft === 0) callback();
    else inQuietTurn(callback, turnsLeft - 1);
  });
}
