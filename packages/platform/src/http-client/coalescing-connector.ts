import { buildConnector, errors } from 'undici';
import { CoalescingSocket } from './coalescing-socket.ts';
import type { ReadCoalescer } from './read-coalescer.ts';

export interface ConnectPacedOptions {
  timeoutMs: number;
  readCoalescer: ReadCoalescer;
  onConnected: (socket: CoalescingSocket | undefined) => void;
}

const KEEP_ALIVE_AFTER_MS = 60_000;

/** Makes connections whose reads can be spaced. Those with TLS cannot: it reads its socket by itself. */
export function createCoalescingConnector({
  timeoutMs,
  readCoalescer,
  onConnected,
}: ConnectPacedOptions): buildConnector.connector {
  const connectTls = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    onConnected(undefined);
    if (options.protocol === 'https:') return connectTls(options, callback);
    const socket = new CoalescingSocket(readCoalescer);
    const timer = setTimeout(() => {
      socket.destroy(new errors.ConnectTimeoutError(`Connecting took over ${timeoutMs} ms`));
    }, timeoutMs);
    const settle = (error: Error | null) => {
      clearTimeout(timer);
      socket.off('error', settle).off('connect', connected);
      if (error) return callback(error, null);
      onConnected(socket);
      callback(null, socket);
    };
    const connected = () => settle(null);
    socket.on('error', settle).on('connect', connected);
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
    socket.connect({ host: options.hostname, port: Number(options.port) || 80 });
  };
}
