import { AppError } from '@prodigon/contracts';

/**
 * For a connection that is never silent for long: its peer may have gone without a word. `signal` is to be
 * given to the call whose bytes are watched; after `silenceMs` without any it fails like a lost connection.
 */
export function createIdleTimeout(silenceMs: number, outer: AbortSignal | undefined) {
  const silence = new AbortController();
  const signal = outer ? AbortSignal.any([outer, silence.signal]) : silence.signal;
  const end = () =>
    silence.abort(
      new AppError('SERVICE_UNAVAILABLE', 'The connection has fallen silent.', { cause: `${silenceMs} ms without a byte` }),
    );
  return {
    signal,
    async *watch(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      let timer = setTimeout(end, silenceMs);
      try {
        for await (const chunk of bytes) {
          clearTimeout(timer);
          yield chunk;
          timer = setTimeout(end, silenceMs);
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
