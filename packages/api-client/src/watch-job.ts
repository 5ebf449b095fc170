import { AppError, type JobEvent, sleep } from '@prodigon/contracts';
import type { ApiClient } from './api-client.ts';

export interface WatchJobOptions {
  signal?: AbortSignal | undefined;
  /** Sequence number after which events begin. Without it only new events arrive. */
  after?: number | undefined;
  /** Called when events start to arrive and when the connection is lost, not for each attempt. */
  onConnection?: ((isOpen: boolean) => void) | undefined;
  /** Milliseconds without a byte after which the connection counts as lost. */
  idleTimeoutMs?: number | undefined;
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

const DELAY_MS = { first: 250, max: 5_000 };

/**
 * Yields the events of a job up to its `end`, each once, and reconnects as often as necessary. Throws errors that a retry
 * cannot fix, e.g. `JOB_NOT_FOUND` or `UNAUTHENTICATED`, and the reason of an aborted signal.
 */
export async function* watchJob(
  client: Pick<ApiClient, 'jobs'>,
  jobId: string,
  options: WatchJobOptions = {},
): AsyncGenerator<JobEvent> {
  const { signal, idleTimeoutMs, onConnection, sleep: wait = sleep } = options;
  let { after } = options;
  let lastEventId: string | undefined;
  let isOpen: boolean | undefined;
  let failures = 0;
  const reportConnection = (nowOpen: boolean) => {
    if (nowOpen !== isOpen) onConnection?.(nowOpen);
    isOpen = nowOpen;
  };

  for (;;) {
    let minDelayMs = 0;
    const events = client.jobs.events(jobId, { after, lastEventId, signal, idleTimeoutMs, onOpen: () => reportConnection(true) });
    try {
      for (;;) {
        // A for-await loop would also catch the errors of the consumer.
        const next = await events.next().catch((error: unknown) => {
          signal?.throwIfAborted();
          minDelayMs = retryDelayOf(error);
        });
        if (!next || next.done) break;
        const { value } = next;
        failures = 0;
        if (value.id) lastEventId = value.id;
        // Until an event has an id, reconnects resume after the first job event.
        else if (value.event === 'job') after ??= value.data.job.sequence;
        yield value;
        if (value.event === 'end') return;
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
