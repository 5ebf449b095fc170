import { AppError, type JobEvent, jobEventSchemas, platformEventSchemas } from '@prodigon/contracts';
import type { createEventClient } from './event-client.ts';

export interface WatchJobEventsOptions {
  signal: AbortSignal;
  /** Sequence number after which events begin. */
  after: number;
  /** Called when events start to arrive and when they are interrupted. */
  onConnection: (isOpen: boolean) => void;
}

/** Yields the events of a job up to its `end`. Throws the errors that a retry cannot fix, e.g. `JOB_NOT_FOUND`. */
export async function* watchJobEvents(
  events: Pick<ReturnType<typeof createEventClient>, 'subscribe'>,
  jobId: string,
  { signal, after, onConnection }: WatchJobEventsOptions,
): AsyncGenerator<JobEvent> {
  const ready: (JobEvent | AppError)[] = [];
  let wake = () => {};
  const push = (next: JobEvent | AppError) => {
    ready.push(next);
    wake();
  };
  const unsubscribe = events.subscribe(
    `job:${jobId}`,
    {
      onConnection,
      onEvent({ event, data, id }) {
        if (event === 'error') {
          const { code, message, retryable } = platformEventSchemas.error.parse(JSON.parse(data));
          if (retryable) onConnection(false);
          else push(new AppError(code, message));
        } else if (event === 'job' || event === 'item' || event === 'end') {
          if (event === 'job') onConnection(true);
          push({ event, data: jobEventSchemas[event].parse(JSON.parse(data)), id } as JobEvent);
        }
      },
    },
    `${jobId}:${after}`,
  );
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal.throwIfAborted();
      for (const next of ready.splice(0)) {
        if (next instanceof AppError) throw next;
        yield next;
        if (next.event === 'end') return;
      }
      if (ready.length > 0 || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    unsubscribe();
  }
}
