import { createHttp1Transport } from './http1-transport.ts';
import { createHttp2Transport, type Http2TransportOptions } from './http2-transport.ts';
import type { Transport } from './transport.ts';

/**
 * One service over two protocols: what is streamed shares one HTTP/2 connection, what comes whole takes kept
 * connections of HTTP/1.1, each way where it costs least (docs/decisions/0011-two-lanes.md). The shared connection
 * also watches over the service: when its pings stay without an answer, nothing waits on the others either.
 */
export function createHybridTransport(options: Omit<Http2TransportOptions, 'onSilence'>): Transport {
  const whole = createHttp1Transport(options);
  const shared = createHttp2Transport({ ...options, onPingTimeout: () => whole.resetConnections() });
  return {
    send(request) {
      if (!request.isUnary) return shared.send(request);
      shared.ensureConnected();
      return whole.send(request);
    },
    async close() {
      await Promise.all([whole.close(), shared.close()]);
    },
  };
}
