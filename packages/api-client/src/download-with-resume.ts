import { AppError, sleep } from '@prodigon/contracts';
import { GatewayConnectionError, type HttpClient } from './http-client.ts';

export interface DownloadOptions {
  signal?: AbortSignal | undefined;
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

const END = { done: true, value: undefined } as const;
const FAILURES_MAX = 5;
const FIRST_DELAY_MS = 250;

/**
 * Yields a file as it arrives. When the connection fails, continues after the bytes that have arrived, up to five times
 * without a further byte. Throws the error of the connection when the server sends no entity tag, or the file has changed.
 */
export async function* downloadWithResume(
  http: Pick<HttpClient, 'bytes'>,
  path: string,
  { signal, sleep: wait = sleep }: DownloadOptions = {},
): AsyncGenerator<Uint8Array> {
  let received = 0;
  let tag: string | null = null;
  let failures = 0;
  let lastFailure: GatewayConnectionError | undefined;
  for (;;) {
    const headers: Record<string, string> = tag === null ? {} : { range: `bytes=${received}-`, 'if-range': tag };
    let isRest = false;
    const chunks = http.bytes(path, { headers, signal }, (response) => {
      isRest = response.status === 206;
      tag ??= response.headers.get('etag');
    });
    try {
      for (;;) {
        // A for-await loop would also catch the errors of the consumer.
        const next = await chunks.next().catch((error: unknown) => {
          // Only the end of the response is missing.
          if (lastFailure && error instanceof AppError && error.code === 'RANGE_NOT_SATISFIABLE') return END;
          if (!(error instanceof GatewayConnectionError) || tag === null || failures === FAILURES_MAX) throw error;
          lastFailure = error;
        });
        if (!next) break;
        if (next === END) return;
        if (lastFailure && !isRest) throw lastFailure;
        if (next.done) return;
        failures = 0;
        received += next.value.length;
        yield next.value;
      }
    } finally {
      await chunks.return(undefined);
    }
    await wait(FIRST_DELAY_MS * 2 ** failures, signal);
    failures += 1;
  }
}
