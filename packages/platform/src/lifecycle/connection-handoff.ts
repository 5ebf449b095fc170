import type { Server } from 'node:http';
import { Socket } from 'node:net';
import { type HandoffReport, isHandoffMessage } from './handoff-messages.ts';

/** A supervisor that does not respond must not delay the drain longer than this. */
const DETACH_TIMEOUT_MS = 1_000;

export interface ConnectionHandoff {
  /** Resolves when the supervisor sends new connections to other gateways, or has not responded within a second. */
  detach(): Promise<void>;
}

/** The IPC channel to the supervisor. */
export type SupervisorChannel = Pick<NodeJS.Process, 'on' | 'once' | 'connected' | 'send'>;

/** Serves the connections that the supervisor accepts on a shared port, as if the server had accepted them itself. */
export function receiveConnections(
  server: Pick<Server, 'emit'>,
  { channel = process, detachTimeoutMs = DETACH_TIMEOUT_MS }: { channel?: SupervisorChannel; detachTimeoutMs?: number } = {},
): ConnectionHandoff {
  const detached = Promise.withResolvers<void>();
  const report = (message: HandoffReport) => {
    // The callback ignores a send error after the supervisor has died.
    if (channel.connected) channel.send?.(message, undefined, undefined, () => {});
  };

  channel.on('message', (message: unknown, socket: unknown) => {
    if (!isHandoffMessage(message)) return;
    if (message.type === 'detached') return void detached.resolve();
    const { id } = message;
    report({ type: 'connection_accepted', id });
    if (!(socket instanceof Socket)) return void report({ type: 'connection_closed', id });
    // Like the sockets of an HTTP server: a client may close its side before it has read the response.
    socket.allowHalfOpen = true;
    socket.once('close', () => report({ type: 'connection_closed', id }));
    server.emit('connection', socket);
  });
  channel.once('disconnect', () => detached.resolve());

  return {
    async detach() {
      if (!channel.connected) return;
      report({ type: 'detach' });
      const timer = setTimeout(() => detached.resolve(), detachTimeoutMs);
      await detached.promise;
      clearTimeout(timer);
    },
  };
}
