import { AppError, sleep } from '@prodigon/contracts';

export interface ReconnectOptions {
  signal?: AbortSignal | undefined;
  /** Called when events start to arrive and when the connection is lost, not for each attempt. */
  onConnection?: ((isOpen: boolean) => void) | undefined;
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

const DELAY_MS = { first: 250, max: 5_000 };

/**
 * Yields the events of successive connections up to the `end` event, and reconnects as often as necessary. Throws errors
 * that a retry cannot fix, and the reason of an aborted signal.
 */
export async function* reconnectEvents<Event extends { event: string }>(
  connect: (onOpen: () => void) => AsyncGenerator<Event>,
  { signal, onConnection, sleep: wait = sleep }: ReconnectOptions,
): AsyncGenerator<Event> {
  let isOpen: boolean | undefined;
  let failures = 0;
  const reportConnection = (nowOpen: boolean) => {
    if (nowOpen !== isOpen) onConnection?.(nowOpen);
    isOpen = nowOpen;
  };

  for (;;) {
    let minDelayMs = 0;
    const events = connect(() => reportConnection(true));
    try {
      for (;;) {
        // A for-await loop would also catch the errors of the consumer.
        const next = await events.next().catch((error: unknown) => {
          signal?.throwIfAborted();
          minDelayMs = retryDelayOf(error);
        });
        if (!next || next.done) break;
        failures = 0;
        yield next.value;
        if (next.value.event === 'end') return;
      }
    } finally {
      await events.return(undefined);
    }
    reportConnection(false);
    await wait(Math.max(minDelayMs, backoffMs(failures)), signal);
    failures += 1;
  }
}

/** Exponential backoff with jitter, so that clients do not reconnect simultaneously. */
const backoffMs = (failures: number) => Math.min(DELAY_MS.max, DELAY_MS.first * 2 ** failures) * (0.5 + 0.5 * Math.random());

/** Returns the gateway's `Retry-After` in milliseconds. Throws errors that a retry cannot fix. */
function retryDelayOf(error: unknown): number {
  const isRetryable = error instanceof AppError && (error.retryable || error.status >= 500);
  if (!isRetryable) throw error;
  return (error.retryAfterSeconds ?? 0) * 1000;
}
