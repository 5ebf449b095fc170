import type { IncomingMessage, Server } from 'node:http';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';

/**
 * Closes the keep-alive connections of a server that stops, so that their clients reconnect to another gateway. From the
 * notice on, each connection closes after its response. At the end of the notice, all idle ones close.
 */
export function closeConnectionsOnDrain(
  server: Server,
  { lifecycle }: { lifecycle: Pick<Lifecycle, 'isStopping' | 'draining'> },
): void {
  server.prependListener('request', (request, response) => {
    if (lifecycle.isStopping && !isUpload(request)) response.setHeader('connection', 'close');
  });
  lifecycle.draining.addEventListener('abort', () => server.closeIdleConnections(), { once: true });
}

/** A client that is still sending a file would lose the response with its connection. */
function isUpload({ headers }: IncomingMessage): boolean {
  const type = headers['content-type'];
  return type !== undefined && !/^application\/json\b/i.test(type);
}
