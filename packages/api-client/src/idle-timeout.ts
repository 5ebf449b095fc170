import { GatewayConnectionError } from './http-client.ts';

/** Three heartbeats of the gateway. */
export const HEARTBEATS_MISSED_MS = 45_000;

/**
 * Detects a dead peer of a stream that has heartbeats. Pass `signal` to the request and its bytes through `watch`. After
 * `idleTimeoutMs` without a byte the request fails like a lost connection.
 */
export function createIdleTimeout(idleTimeoutMs: number, outer: AbortSignal | undefined) {
  const idle = new AbortController();
  const signal = outer ? AbortSignal.any([outer, idle.signal]) : idle.signal;
  const abort = () =>
    idle.abort(
      new GatewayConnectionError('idle', 'The gateway stopped sending.', { cause: `No byte within ${idleTimeoutMs} ms` }),
    );
  return {
    signal,
    async *watch(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      let timer = setTimeout(abort, idleTimeoutMs);
      try {
        for await (const chunk of bytes) {
          clearTimeout(timer);
          yield chunk;
          timer = setTimeout(abort, idleTimeoutMs);
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
