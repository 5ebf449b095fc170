import { AppError, sleep } from '@prodigon/contracts';

export interface ReconnectOptions {
  signal?: AbortSignal | undefined;
  /** Called when events start to arrive and when the connection is lost, not for each attempt. */
  onConnection?: ((isOpen: boolean) => void) | undefined;
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

const DELAY_MS = { first: 250, max: 5_000 };

export interface EventPolicy<Event> {
  /** Whether the stream ends with this event. By default, with the event `end`. */
  readonly isLast: (event: Event) => boolean;
  /** Returns the minimum delay before the next connection. Throws the error of a connection if a retry cannot fix it. */
  readonly minDelayMs: (error: unknown) => number;
}

/**
 * Yields the events of successive connections up to the last event, and reconnects as often as necessary. Throws errors
 * that a retry cannot fix, and the reason of an aborted signal.
 */
export async function* reconnectEvents<Event extends { event: string }>(
  connect: (onOpen: () => void) => AsyncGenerator<Event>,
  { signal, onConnection, sleep: wait = sleep }: ReconnectOptions,
  { isLast = ({ event }) => event === 'end', minDelayMs = retryDelayOf }: Partial<EventPolicy<Event>> = {},
): AsyncGenerator<Event> {
  let isOpen: boolean | undefined;
  let failures = 0;
  const reportConnection = (nowOpen: boolean) => {
    if (nowOpen !== isOpen) onConnection?.(nowOpen);
    isOpen = nowOpen;
  };

  for (;;) {
    let delayMs = 0;
    const events = connect(() => reportConnection(true));
    try {
      for (;;) {
        // A for-await loop would also catch the errors of the consumer.
        const next = await events.next().catch((error: unknown) => {
          signal?.throwIfAborted();
          delayMs = minDelayMs(error);
        });
        if (!next || next.done) break;
        failures = 0;
        yield next.value;
        if (isLast(next.value)) return;
      }
    } finally {
      await events.return(undefined);
    }
    reportConnection(false);
    await wait(Math.max(delayMs, backoffMs(failures)), signal);
    failures += 1;
  }
}

/** Exponential backoff with jitter, so that clients do not reconnect simultaneously. */
const backoffMs = (failures: number) => Math.min(DELAY_MS.max, DELAY_MS.first * 2 ** failures) * (0.5 + 0.5 * Math.random());

/** Returns the gateway's `Retry-After` in milliseconds. Throws errors that a retry cannot fix. */
export function retryDelayOf(error: unknown): number {
  const isRetryable = error instanceof AppError && (error.retryable || error.status >= 500);
  if (!isRetryable) throw error;
  return (error.retryAfterSeconds ?? 0) * 1000;
}
