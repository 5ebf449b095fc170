import { AppError, type JobEvent, sleep } from '@prodigon/contracts';
import type { ApiClient } from './api-client.ts';

export interface WatchJobOptions {
  signal?: AbortSignal | undefined;
  /** A sequence: all events after it. Only those from now on without it. */
  after?: number | undefined;
  /** Called when the events begin to come and when the connection is lost, not for each attempt. */
  onConnection?: ((isOpen: boolean) => void) | undefined;
  /** The connection counts as lost after so long without a byte. */
  idleTimeoutMs?: number | undefined;
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

const PAUSE_MS = { first: 250, max: 5_000 };

/**
 * The events of a job up to its `end`, each once, over as many connections as it takes. Throws what another
 * attempt cannot cure, e.g. `JOB_NOT_FOUND` or `UNAUTHENTICATED`, and the reason of an aborted signal.
 */
export async function* watchJob(
  client: Pick<ApiClient, 'jobs'>,
  jobId: string,
  options: WatchJobOptions = {},
): AsyncGenerator<JobEvent> {
  const { signal, idleTimeoutMs, onConnection, sleep: rest = sleep } = options;
  let { after } = options;
  let lastEventId: string | undefined;
  let isOpen: boolean | undefined;
  let failures = 0;
  const tell = (nowOpen: boolean) => {
    if (nowOpen !== isOpen) onConnection?.(nowOpen);
    isOpen = nowOpen;
  };

  for (;;) {
    let atLeastMs = 0;
    const events = client.jobs.events(jobId, { after, lastEventId, signal, idleTimeoutMs, onOpen: () => tell(true) });
    try {
      for (;;) {
        // By hand: what the reader of these events throws is not ours to cure.
        const next = await events.next().catch((error: unknown) => {
          signal?.throwIfAborted();
          atLeastMs = curableAfterMs(error);
        });
        if (!next || next.done) break;
        const { value } = next;
        failures = 0;
        if (value.id) lastEventId = value.id;
        // Until an event has an id, the state that was shown first is where to go on.
        else if (value.event === 'job') after ??= value.data.job.sequence;
        yield value;
        if (value.event === 'end') return;
      }
    } finally {
      await events.return(undefined);
    }
    tell(false);
    await rest(Math.max(atLeastMs, pauseAfter(failures)), signal);
    failures += 1;
  }
}

/** Half of it at random, so that not everybody comes back at once. */
const pauseAfter = (failures: number) => Math.min(PAUSE_MS.max, PAUSE_MS.first * 2 ** failures) * (0.5 + 0.5 * Math.random());

/** How long the gateway wants to be left alone. Throws what stays as it is. */
function curableAfterMs(error: unknown): number {
  const isCurable = error instanceof AppError && (error.retryable || error.status >= 500);
  if (!isCurable) throw error;
  return (error.retryAfterSeconds ?? 0) * 1000;
}
