import type { Exchange } from './exchange.ts';
import { createHttp1Exchange } from './http1-exchange.ts';
import { createHttp2Exchange, type Http2ExchangeOptions } from './http2-exchange.ts';

/**
 * One service over two protocols: what is streamed shares one HTTP/2 connection, what comes whole takes kept
 * connections of HTTP/1.1, each way where it costs least (docs/decisions/0011-two-lanes.md). The shared connection
 * also watches over the service: when its pings stay without an answer, nothing waits on the others either.
 */
export function createTwoLaneExchange(options: Omit<Http2ExchangeOptions, 'onSilence'>): Exchange {
  const whole = createHttp1Exchange(options);
  const shared = createHttp2Exchange({ ...options, onSilence: () => whole.breakOff() });
  return {
    send(request) {
      if (!request.isWhole) return shared.send(request);
      shared.watch();
      return whole.send(request);
    },
    async close() {
      await Promise.all([whole.close(), shared.close()]);
    },
  };
}
